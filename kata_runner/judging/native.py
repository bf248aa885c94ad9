"""Turns the C++ or Cython sources of a submission into an importable module, and keeps it in the user's cache.

The only module that knows a compiler. A module is kept under the digest of all that went into it, so that an
unchanged check compiles nothing; what is in `native/` (headers, flags, the CMake project) is part of that digest.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import metadata
from pathlib import Path, PurePosixPath

import msgspec

from kata_runner import places
from kata_runner.catalogue import needs
from kata_runner.errors import BuildError, MachineError
from kata_runner.model import Kata, Submission
from kata_runner.processes import kill_marked, kill_session

Running = Callable[[Callable[[], None]], AbstractContextManager[object]]

BUILD_LIMIT_S = 180.0  # of which a quiet machine needs five; a busy one needs many times as long
BUILD_MARK = "KATA_BUILD"

_CXX_SUFFIXES = (".cpp", ".cc", ".cxx")
_SOURCE_SUFFIXES = (*_CXX_SUFFIXES, ".c", ".h", ".hh", ".hpp", ".pyx", ".pxd", ".pxi")
_FLAG_VARIABLES = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "LDSHARED", "MACOSX_DEPLOYMENT_TARGET")
_LOG_LIMIT = 200_000
_KEPT_S = 30 * 86_400.0  # since the last use
# The packages that each kind of build takes.
_PACKAGES = {
    "pybind11": ("pybind11", "setuptools"),
    "cython": ("Cython", "setuptools", "numpy"),
    "cmake": ("pybind11",),
}


class _Recipe(msgspec.Struct, frozen=True):
    """What is to be built: kind as in kata.toml, and the sources that go into it by relative path."""

    kind: str
    module: str
    files: Mapping[str, bytes]

    @property
    def file_name(self) -> str:
        return self.module + (sysconfig.get_config_var("EXT_SUFFIX") or ".so")


def build(kata: Kata, submission: Submission, running: Running = nullcontext) -> Path | None:
    """The file of the compiled module `kata.module`, built now or kept from before; None where nothing is compiled.

    running: returns a block in which a call of its argument may end the compiler; that is a BuildError.
    Raises BuildError when the learner's sources do not compile, MachineError when a compiler, package or
    Python's headers are missing.
    """
    if not kata.build:
        return None
    sources = {name: data for name, data in submission.files.items() if _is_source(name)}
    return _built(_Recipe(kata.build, kata.module, sources), running)


def native_root() -> Path:
    """Where headers, flags and the CMake project stand: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "native"
    return checkout if (checkout / "CMakeLists.txt").is_file() else package / "_native"


# --- the cache ---------------------------------------------------------------------------------------------------


def _built(recipe: _Recipe, running: Running) -> Path:
    _require_tools(recipe)
    try:
        folder = places.cache_folder() / "built"
        folder.mkdir(parents=True, exist_ok=True)
        module = folder / f"{recipe.module}-{_digest(recipe)[:24]}" / recipe.file_name
        if module.is_file():
            os.utime(module.parent)
            return module
        _require_sources(recipe)
        _drop_unused(folder)
        with tempfile.TemporaryDirectory(prefix="building-", dir=folder, ignore_cleanup_errors=True) as workplace:
            _put(_compile(recipe, Path(workplace), running), module)
    except (OSError, RuntimeError) as error:
        advice = "Make room, or set KATA_CACHE to a folder you can write to."
        raise MachineError(f"{recipe.module} could not be built: {error}. {advice}") from None
    return module


def _put(made: Path, module: Path) -> None:
    """Move a finished folder into the cache, whole or not at all; another process may have been quicker."""
    if not module.is_file():
        shutil.rmtree(module.parent, ignore_errors=True)  # somebody removed the module by hand
    try:
        made.rename(module.parent)
    except OSError:
        if not module.is_file():
            raise


def _drop_unused(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process may drop it at the same moment
            if time.time() - path.stat().st_mtime > _KEPT_S:
                shutil.rmtree(path, ignore_errors=True)


def _digest(recipe: _Recipe) -> str:
    """One name for everything that shapes the module: sources, shared files, flags, compiler, Python, packages."""
    digest = hashlib.sha256()
    facts = [recipe.kind, recipe.module, sys.version, recipe.file_name, repr(_compile_args())]
    facts += [f"{name}={os.environ.get(name, '')}" for name in _FLAG_VARIABLES]
    facts += [f"{package} {metadata.version(package)}" for package in _PACKAGES[recipe.kind]]
    digest.update(json.dumps(facts).encode())
    shared = {f"native/{path.name}": path.read_bytes() for path in sorted(native_root().glob("*.*"))}
    for name, data in sorted({**shared, **recipe.files}.items()):
        digest.update(f"\0{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


# --- what must be there ------------------------------------------------------------------------------------------


def _is_source(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in _SOURCE_SUFFIXES or path.name == "CMakeLists.txt"


def _require_tools(recipe: _Recipe) -> None:
    if not needs.has_compiler():
        raise MachineError(needs.tool_advice("compiler"))
    if recipe.kind == "cmake" and needs.program("cmake") is None:
        raise MachineError(needs.tool_advice("cmake"))
    lacking = [package for package in _PACKAGES[recipe.kind] if not needs.present(package)]
    if lacking:
        command = shlex.join(needs.install_command(lacking))
        raise MachineError(
            f"{' and '.join(lacking)} is needed to build {recipe.module} and is not installed: {command}"
        )


def _require_sources(recipe: _Recipe) -> None:
    if _translation_units(recipe) or (recipe.kind == "cmake" and "CMakeLists.txt" in recipe.files):
        return
    wanted = f"{recipe.module}.pyx" if recipe.kind == "cython" else "C++ file (.cpp)"
    raise BuildError(f"there is no {wanted} in the kata's folder; `kata reset` brings the stub back")


def _translation_units(recipe: _Recipe) -> list[str]:
    """The files that are compiled themselves; the others are only included."""
    if recipe.kind == "cython":
        return [f"{recipe.module}.pyx"] if f"{recipe.module}.pyx" in recipe.files else []
    return sorted(name for name in recipe.files if PurePosixPath(name).suffix in _CXX_SUFFIXES)


# --- compiling ---------------------------------------------------------------------------------------------------


def _compile(recipe: _Recipe, workplace: Path, running: Running) -> Path:
    """Build in a folder of our own; return the folder that holds the module."""
    source, out = workplace / "source", workplace / "out"
    out.mkdir()
    for name, data in recipe.files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    commands = _cmake_commands(recipe, workplace) if recipe.kind == "cmake" else _setuptools_commands(recipe, workplace)
    log = ""
    deadline = time.monotonic() + BUILD_LIMIT_S
    for command in commands:
        code, text = _run(command, source, deadline - time.monotonic(), running)
        log += _readable(text, source)
        if code is None:
            raise BuildError(
                f"the compiler was still at work after {BUILD_LIMIT_S:g} s; look for an endless include or template",
                log=log,
            )
        if code != 0:
            raise _why_it_failed(recipe, log)
    _require_entry_point(recipe, out / recipe.file_name, log)
    return out


def _setuptools_commands(recipe: _Recipe, workplace: Path) -> list[list[str]]:
    job = {
        "kind": recipe.kind,
        "module": recipe.module,
        "sources": _translation_units(recipe),
        "include_dirs": [str(workplace / "source"), *_include_dirs(recipe)],
        "compile_args": _compile_args()["cython" if recipe.kind == "cython" else "all"],
        "cxx_args": _compile_args()["c++"],
        "output_dir": str(workplace / "out"),
        "temp_dir": str(workplace / "temp"),
    }
    path = workplace / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    # -P: neither the sources nor this script's folder may stand in for setuptools or one of its imports.
    return [[sys.executable, "-P", str(native_root() / "build_extension.py"), str(path)]]


def _cmake_commands(recipe: _Recipe, workplace: Path) -> list[list[str]]:
    cmake = needs.program("cmake") or "cmake"
    ninja = needs.program("ninja")
    settings = {
        "KATA_MODULE": recipe.module,
        "KATA_SOURCE_DIR": str(workplace / "source"),
        "KATA_OUTPUT_DIR": str(workplace / "out"),
        "Python_EXECUTABLE": sys.executable,
        "pybind11_DIR": str(_package_folder("pybind11") / "share" / "cmake" / "pybind11"),
        "CMAKE_BUILD_TYPE": "Release",
        **({"CMAKE_MAKE_PROGRAM": ninja} if ninja else {}),
    }
    configure = [cmake, "-S", str(native_root()), "-B", str(workplace / "temp"), "-Wno-dev"]
    configure += ["-G", "Ninja"] if ninja else []
    configure += [f"-D{name}={value}" for name, value in settings.items()]
    return [configure, [cmake, "--build", str(workplace / "temp"), "--config", "Release"]]


def _include_dirs(recipe: _Recipe) -> list[str]:
    if recipe.kind == "cython":
        uses_numpy = any(b"numpy" in data for name, data in recipe.files.items() if name.endswith((".pyx", ".pxd")))
        return [str(_package_folder("numpy") / "_core" / "include")] if uses_numpy else []
    return [str(native_root()), str(_package_folder("pybind11") / "include")]


def _package_folder(package: str) -> Path:
    """Where a package stands, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MachineError(f"{package} is not installed: {shlex.join(needs.install_command([package]))}")
    return Path(spec.origin).parent


def _compile_args() -> dict[str, list[str]]:
    """Arguments for every C++ file, for what Cython generates, and what C++ needs beside."""
    if os.name == "nt":
        warnings = _lines("warnings-msvc.txt")
        return {"all": ["/O2", *warnings], "cython": ["/O2"], "c++": ["/std:c++17", "/EHsc", "/bigobj"]}
    shared = ["-O3", "-g0", "-fmax-errors=20"]
    # Warnings about code that Cython wrote are of no use to who wrote the .pyx.
    return {
        "all": [*shared, *_lines("warnings-gnu.txt")],
        "cython": [*shared, "-w"],
        "c++": ["-std=c++17", "-fvisibility=hidden"],
    }


def _lines(name: str) -> list[str]:
    return (native_root() / name).read_text(encoding="utf-8").split()


def _run(command: list[str], folder: Path, limit_s: float, running: Running) -> tuple[int | None, str]:
    """Run one step of a build; return its exit code (None: out of time) and the beginning of its output."""
    mark = secrets.token_hex(8)
    process = subprocess.Popen(
        command,
        cwd=folder,
        # Compilers that are killed leave their temporary files behind.
        env={**_environment(), BUILD_MARK: mark, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )

    def end() -> None:
        kill_session(process.pid)
        kill_marked(BUILD_MARK, mark)  # Ninja starts each compiler in a group of its own

    code: int | None = None
    try:
        with running(end):
            output, _ = process.communicate(timeout=max(limit_s, 0.0))
        code = process.returncode
    except subprocess.TimeoutExpired:
        end()
        output, _ = process.communicate()
    except BaseException:
        end()
        raise
    return code, output[:_LOG_LIMIT].decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    # Messages in English, whatever the user's language: they are searched for "error".
    environment = {**os.environ, "LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    environment.pop("CLICOLOR_FORCE", None)
    if os.name != "nt":
        cxx = needs.cxx_command() or []
        environment |= {"CXX": shlex.join(cxx), "CC": shlex.join(needs.cc_command() or cxx)}
    return environment


# --- what went wrong ---------------------------------------------------------------------------------------------

_ERRORS = (
    # gcc and clang: layer.cpp:12:5: error: ...
    re.compile(
        r"^(?P<file>(?:[A-Za-z]:)?[^\s:(][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<message>.+)$", re.M
    ),
    # MSVC: layer.cpp(12): error C2065: ...
    re.compile(r"^(?P<file>[^\n(]+)\((?P<line>\d+)(?:,\d+)?\)\s*: (?:fatal )?error (?P<message>C\d+: .+)$", re.M),
    # Cython: distance.pyx:12:5: ... (warnings and hints have a word before the file)
    re.compile(r"^(?P<file>[^\s:]+\.p(?:yx|xd|xi)):(?P<line>\d+):\d+: (?P<message>.+)$", re.M),
    # CMake: CMake Error at CMakeLists.txt:3 (add_library):\n  ...
    re.compile(r"^CMake Error at (?P<file>[^\n:]+):(?P<line>\d+)[^\n]*:\n\s*(?P<message>.+)$", re.M),
)


def _why_it_failed(recipe: _Recipe, log: str) -> BuildError | MachineError:
    """The compiler's first message, at the learner's line that led to it."""
    if "No space left on device" in log:
        return MachineError("the disk is full: the compiler could not write its output")
    if re.search(r"Python\.h['\"]?: No such file|Could NOT find Python", log):
        return MachineError(f"Python's headers are missing. {needs.tool_advice('compiler')}")
    found = min((match for match in (e.search(log) for e in _ERRORS) if match), key=lambda m: m.start(), default=None)
    if found is None:
        return BuildError(_last_words(log), log=log)
    file, line, message = Path(found["file"]).as_posix(), int(found["line"]), found["message"].strip()
    if file in recipe.files:
        return BuildError(f"{file} line {line}: {message}", file, line, log)
    own = _own_line(recipe, log)
    if own is None:
        return BuildError(f"{Path(file).name} line {line}: {message}", log=log)
    return BuildError(f"{own[0]} line {own[1]}: {message} (in {Path(file).name})", *own, log)


def _own_line(recipe: _Recipe, log: str) -> tuple[str, int] | None:
    """The first line of the learner's that the compiler mentions: where a header was included or a template used."""
    names = "|".join(re.escape(name) for name in recipe.files)
    found = re.search(rf"(?:^|\s)(?P<file>{names})(?::|\()(?P<line>\d+)", log)
    return (found["file"], int(found["line"])) if found else None


def _last_words(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "undefined" in line.lower()]
    return (telling or lines or ["the compiler said nothing"])[-1]


def _readable(log: str, source: Path) -> str:
    """The log with the learner's files by their own names."""
    for prefix in {f"{source}{os.sep}", f"{source.resolve()}{os.sep}", f"{source.as_posix()}/"}:
        log = log.replace(prefix, "")
    return log


def _require_entry_point(recipe: _Recipe, module: Path, log: str) -> None:
    """Refuse a library that Python could not import under the module's name, with the line to change."""
    if not module.is_file():
        raise BuildError(f"the build made no module named {recipe.module}; name the target {recipe.module}", log=log)
    if recipe.kind != "cython" and f"PyInit_{recipe.module}".encode() not in module.read_bytes():
        raise BuildError(f"the source must bind the module as PYBIND11_MODULE({recipe.module}, m)", log=log)
