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
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kata_runner import places
from kata_runner.catalogue import needs
from kata_runner.errors import BuildError, MachineError
from kata_runner.model import Kata, Submission
from kata_runner.processes import kill_session

BUILD_LIMIT_S = 180.0  # of which a quiet machine needs five; a busy one needs many times as long
CACHE_LIMIT_MB = 200

_FORMAT = "1"  # of the cache; a change makes every kept module stale
_CXX_SUFFIXES = (".cpp", ".cc", ".cxx")
_SOURCE_SUFFIXES = (*_CXX_SUFFIXES, ".c", ".h", ".hh", ".hpp", ".pyx", ".pxd", ".pxi")
_FLAG_VARIABLES = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "LDSHARED", "MACOSX_DEPLOYMENT_TARGET")
_LOG_LIMIT = 200_000
_IN_USE_S = 600.0  # a module used this recently may be about to be loaded
_ABANDONED_S = 86_400.0


@dataclass(frozen=True)
class _Recipe:
    """What is to be built: kind as in kata.toml, and the sources that go into it by relative path."""

    kind: str
    module: str
    files: Mapping[str, bytes]

    @property
    def file_name(self) -> str:
        return self.module + (sysconfig.get_config_var("EXT_SUFFIX") or ".so")


def build(
    kata: Kata, submission: Submission, *, cache: Path | None = None, limit_s: float = BUILD_LIMIT_S
) -> Path | None:
    """The file of the compiled module `kata.module`, built now or kept from before; None where nothing is compiled.

    Raises BuildError when the learner's sources do not compile, MachineError when a compiler, package or
    Python's headers are missing.
    """
    if not kata.build:
        return None
    sources = {name: data for name, data in submission.files.items() if _is_source(name)}
    return _built(_Recipe(kata.build, kata.module, sources), cache, limit_s)


def native_root() -> Path:
    """Where headers, flags and the CMake project stand: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "native"
    return checkout if (checkout / "CMakeLists.txt").is_file() else package / "_native"


def cache_folder() -> Path:
    """Where built modules are kept: below `places.cache_folder`, or below the temporary one where that is closed."""
    with contextlib.suppress(OSError, RuntimeError):
        folder = places.cache_folder() / "built"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    return _private_temporary_folder()


def _private_temporary_folder() -> Path:
    """A folder below the temporary one that only this user can write to: modules are loaded from it."""
    if not hasattr(os, "getuid"):
        folder = Path(tempfile.gettempdir()) / "kata-built"
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.gettempdir()) / f"kata-built-{os.getuid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700)
    try:
        state = folder.lstat()
        if folder.is_dir() and not folder.is_symlink() and state.st_uid == os.getuid() and not state.st_mode & 0o022:
            return folder
        return Path(tempfile.mkdtemp(prefix="kata-built-"))
    except OSError as error:
        raise MachineError(
            f"no folder to build in: {error}. Make room, or set KATA_CACHE to a folder you can write to."
        ) from None


# --- the cache ---------------------------------------------------------------------------------------------------


def _built(recipe: _Recipe, cache: Path | None, limit_s: float) -> Path:
    _require_tools(recipe)
    folder = cache or cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    entry = folder / f"{recipe.module}-{_digest(recipe)[:24]}"
    module = entry / recipe.file_name
    if module.is_file():
        _note_use(entry)
        return module
    _require_sources(recipe)
    workplace = Path(tempfile.mkdtemp(prefix="building-", dir=folder))
    try:
        made = _compile(recipe, workplace, limit_s)
        _put(made, module)
    except OSError as error:
        raise MachineError(f"{recipe.module} could not be built in {folder}: {error}") from None
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    _evict(folder, keep=entry)
    return module


def _put(made: Path, module: Path) -> None:
    """Move a finished folder into the cache, whole or not at all; another process may have been quicker."""
    entry = module.parent
    if entry.is_dir() and not module.is_file():  # somebody tidied up by hand
        shutil.rmtree(entry, ignore_errors=True)
    try:
        made.rename(entry)
    except OSError:
        if not module.is_file():
            raise


def _note_use(entry: Path) -> None:
    with contextlib.suppress(OSError):  # a cache that can only be read still serves
        os.utime(entry)


def _evict(folder: Path, keep: Path) -> None:
    """Drop what was used longest ago until the cache is within its limit, and what a killed build left behind."""
    now = time.time()
    entries: list[tuple[float, int, Path]] = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process may drop it at the same moment
            age_s = now - path.stat().st_mtime
            if path.name.startswith("building-"):
                if age_s > _ABANDONED_S:
                    shutil.rmtree(path, ignore_errors=True)
            elif path.is_dir():
                entries.append((age_s, sum(f.stat().st_size for f in path.iterdir()), path))
    total = sum(size for _, size, _ in entries)
    for age_s, size, path in sorted(entries, reverse=True):
        if total <= CACHE_LIMIT_MB * 1_000_000:
            return
        if path != keep and age_s > _IN_USE_S:
            shutil.rmtree(path, ignore_errors=True)
            total -= size


def _digest(recipe: _Recipe) -> str:
    """One name for everything that shapes the module: sources, shared files, flags, compiler, Python, packages."""
    digest = hashlib.sha256()
    facts = [_FORMAT, recipe.kind, recipe.module, sys.version, recipe.file_name, sys.platform, platform.machine()]
    facts += [f"{name}={os.environ.get(name, '')}" for name in _FLAG_VARIABLES]
    facts += [f"{package} {_version(package)}" for package in _packages(recipe.kind)]
    facts += [repr(_compile_args()), _compiler_identity()]
    digest.update(json.dumps(facts).encode())
    shared = {f"native/{path.name}": path.read_bytes() for path in sorted(native_root().glob("*.*"))}
    for name, data in sorted({**shared, **recipe.files}.items()):
        digest.update(f"\0{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _compiler_identity() -> str:
    """Which compiler, and which build of it.

    Its file's size and time change with its version and cost no process; asking it costs one at every check.
    """
    identity = []
    for command in (needs.cxx_command(), needs.cc_command()) if os.name != "nt" else ([str(needs.msvc())],):
        program = shutil.which(command[0]) if command else None
        if command and program:
            path = Path(program).resolve()
            state = path.stat()
            identity.append([*command[1:], str(path), state.st_size, state.st_mtime_ns])
    return repr(identity)


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _packages(kind: str) -> tuple[str, ...]:
    return {"cython": ("Cython", "setuptools", "numpy"), "cmake": ("pybind11",)}.get(kind, ("pybind11", "setuptools"))


# --- what must be there ------------------------------------------------------------------------------------------


def _is_source(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in _SOURCE_SUFFIXES or path.name == "CMakeLists.txt"


def _require_tools(recipe: _Recipe) -> None:
    if not needs.has_compiler():
        raise MachineError(needs.tool_advice("compiler"))
    if recipe.kind == "cmake" and needs.program("cmake") is None:
        raise MachineError(needs.tool_advice("cmake"))
    wanted = {"cython": ("Cython", "setuptools"), "cmake": ("pybind11",)}.get(recipe.kind, ("pybind11", "setuptools"))
    lacking = [package for package in wanted if not needs.present(package)]
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


def _compile(recipe: _Recipe, workplace: Path, limit_s: float) -> Path:
    """Build in a folder of our own; return the folder that holds the module and the build's log."""
    source, out = workplace / "source", workplace / "out"
    out.mkdir()
    for name, data in recipe.files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    commands = _cmake_commands(recipe, workplace) if recipe.kind == "cmake" else _setuptools_commands(recipe, workplace)
    log = ""
    deadline = time.monotonic() + limit_s
    for command in commands:
        code, text = _run(command, source, out / "build.log", deadline - time.monotonic())
        log += _readable(text, source)
        if code is None:
            raise BuildError(
                f"the compiler was still at work after {limit_s:g} s; look for an endless include or template", log=log
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


def _run(command: list[str], folder: Path, log: Path, limit_s: float) -> tuple[int | None, str]:
    """Run one step of a build; return its exit code (None: out of time) and the beginning of its output."""
    with log.open("ab") as output:
        start = output.tell()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(timeout=max(limit_s, 0.0))
        except subprocess.TimeoutExpired:
            code = None
        finally:
            if process.poll() is None:
                kill_session(process.pid)  # the compiler is a grandchild
                process.wait()
    with log.open("rb") as said:
        said.seek(start)
        return code, said.read(_LOG_LIMIT).decode("utf-8", "replace")


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
    """Refuse a library that Python could not import under the module's name, with the line to mend."""
    if not module.is_file():
        raise BuildError(f"the build made no module named {recipe.module}; name the target {recipe.module}", log=log)
    if recipe.kind != "cython" and f"PyInit_{recipe.module}".encode() not in module.read_bytes():
        file, line = _binding_line(recipe)
        where = f"{file} line {line}" if line else "the source"
        raise BuildError(f"{where} must bind the module as PYBIND11_MODULE({recipe.module}, m)", file, line, log)


def _binding_line(recipe: _Recipe) -> tuple[str, int]:
    for name in _translation_units(recipe):
        for number, text in enumerate(recipe.files[name].decode("utf-8", "replace").splitlines(), 1):
            if text.lstrip().startswith("PYBIND11_MODULE"):
                return name, number
    return "", 0
