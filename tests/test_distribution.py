"""Wheel and source distribution hold all that a learner needs, and work outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = [pytest.mark.audit, pytest.mark.slow, pytest.mark.timeout(900)]


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
    built = run(sys.executable, "-m", "build", "--outdir", base / "dist", source, cwd=base)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    return next((base / "dist").glob("*.whl")), next((base / "dist").glob("*.tar.gz"))


def kata_files() -> set[str]:
    """What the catalogue and the native project consist of, byte code and caches left out."""
    found = set()
    for top, inside in (("katas", "_katas"), ("native", "_native")):
        for path in (ROOT / top).rglob("*"):
            name = path.relative_to(ROOT / top).as_posix()
            if path.is_file() and "_cache" not in name and "__pycache__" not in name and not name.endswith(".pyc"):
                found.add(f"{inside}/{name}")
    return found


def test_wheel_holds_every_kata_whole(distributions: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(distributions[0]).namelist())

    assert {f"kata_runner/{name}" for name in kata_files()} - names == set()
    assert [name for name in names if "__pycache__" in name or "_cache/" in name] == []


def test_source_distribution_holds_every_kata_whole(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    wanted = {name.replace("_katas/", "katas/", 1).replace("_native/", "native/", 1) for name in kata_files()}
    assert wanted - names == set()


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
        "from kata_runner.catalogue import load as catalog; print(catalog.default_root())",
        cwd=home,
    ).stdout.strip()
    (solution,) = Path(where).rglob(f"{folder.name}/solution.py")
    (stub,) = folder.glob("*.py")
    stub.write_bytes(solution.read_bytes())
    after = run(programs / "kata", "check", cwd=home, HOME=str(home))

    assert started.returncode == 0, started.stderr
    assert str(stub) in started.stdout
    assert (before.returncode, after.returncode) == (1, 0), before.stdout + after.stdout
    assert not Path(where).is_relative_to(ROOT)
