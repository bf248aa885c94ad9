"""Wheel and source distribution hold everything a learner needs, and work outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "kata_runner"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
# Parts of the package that stand elsewhere in the checkout.
ELSEWHERE = {"kata_runner._katas", "kata_runner._native"}


def package_files() -> list[Path]:
    """Every file below kata_runner/ but caches."""
    return [path for path in PACKAGE.rglob("*") if path.is_file() and not _is_cache(path.relative_to(ROOT))]


def _is_cache(path: PurePath) -> bool:
    # A tool's cache has a dot before its name; `p066_inference_cache` is a kata.
    folders = path.parts[:-1]
    return path.suffix == ".pyc" or any(part == "__pycache__" or fnmatch(part, ".*_cache") for part in folders)


def test_pyproject_lists_the_packages_that_are_on_disk() -> None:
    on_disk = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}

    assert sorted(on_disk | ELSEWHERE) == sorted(SETTINGS["packages"])


def test_pyproject_names_every_file_that_is_not_a_module() -> None:
    packages = {PACKAGE.parent.joinpath(*name.split(".")): name for name in SETTINGS["packages"]}
    named = {
        path
        for folder, name in packages.items()
        for pattern in SETTINGS["package-data"].get(name, [])
        for path in folder.glob(pattern)
    }

    others = [path for path in package_files() if path.suffix != ".py" or path.parent not in packages]
    assert [str(path.relative_to(ROOT)) for path in others if path not in named] == []


def builds_a_wheel(test: Callable[..., None]) -> Callable[..., None]:
    """Marks of a test that needs both distributions built."""
    for mark in (pytest.mark.audit, pytest.mark.slow, pytest.mark.timeout(900)):
        test = mark(test)
    return test


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KATA", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(wheel, source distribution), built from what git knows, so that nothing lying about gets in."""
    base = tmp_path_factory.mktemp("build")
    source = base / "source"
    if (ROOT / ".git").exists():
        source.mkdir()
        files = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout.split("\0")
        for name in filter(None, files):
            if (ROOT / name).is_file():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / name).write_bytes((ROOT / name).read_bytes())
    else:
        source = ROOT
    built = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", base / "dist", source, cwd=base)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    return next((base / "dist").glob("*.whl")), next((base / "dist").glob("*.tar.gz"))


def expected_files() -> set[str]:
    """What the package, the catalogue and the native project consist of, by their path in the checkout."""
    below = [*package_files(), *(ROOT / "katas").rglob("*"), *(ROOT / "native").rglob("*")]
    names = (path.relative_to(ROOT) for path in below if path.is_file())
    return {name.as_posix() for name in names if not _is_cache(name)}


@builds_a_wheel
def test_wheel_holds_the_package_and_every_kata_whole(distributions: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(distributions[0]).namelist())

    moved = {"katas": "kata_runner/_katas", "native": "kata_runner/_native", "kata_runner": "kata_runner"}
    wanted = {"/".join((moved[name.partition("/")[0]], name.partition("/")[2])) for name in expected_files()}
    assert sorted(wanted - names) == []
    assert [name for name in names if _is_cache(PurePath(name))] == []


@builds_a_wheel
def test_source_distribution_holds_the_package_and_every_kata_whole(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert sorted(expected_files() - names) == []


@builds_a_wheel
def test_wheel_works_in_a_fresh_environment(distributions: tuple[Path, Path], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    constraints = ROOT / "kata_runner" / "constraints.txt"
    installed = run(
        programs / "python", "-m", "pip", "install", "-q", "-c", constraints, distributions[0], cwd=tmp_path
    )
    assert installed.returncode == 0, installed.stderr

    started = run(programs / "kata", "next", cwd=home, HOME=str(home))
    folder = next((home / "my-katas").glob("[a-z]*_*"))
    before = run(programs / "kata", "check", cwd=home, HOME=str(home))
    where = run(
        programs / "python",
        "-c",
        "from kata_runner.catalogue.load import default_root; print(default_root())",
        cwd=home,
    ).stdout.strip()
    (solution,) = Path(where).rglob(f"{folder.name}/solution.py")
    (stub,) = folder.glob("*.py")
    stub.write_bytes(solution.read_bytes())
    after = run(programs / "kata", "check", cwd=home, HOME=str(home))

    assert started.returncode == 0, started.stderr
    assert str(stub.relative_to(home)) in started.stdout
    assert (before.returncode, after.returncode) == (1, 0), before.stdout + after.stdout
    assert not Path(where).is_relative_to(ROOT)
