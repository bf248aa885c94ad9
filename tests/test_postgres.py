"""The embedded PostgreSQL: real servers, and nothing left behind however their owner ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psutil
import pytest

psycopg = pytest.importorskip("psycopg")

from kata_runner.checking import postgres  # noqa: E402

pytestmark = [
    pytest.mark.audit,  # a server at work
    pytest.mark.slow,
    pytest.mark.skipif(not postgres.available(), reason="no PostgreSQL on this machine"),
]

OWNER = """
import sys, time
from kata_runner.checking import postgres
with postgres.database() as url:
    print(url, flush=True)
    time.sleep(60)
"""


def folder_of(url: str) -> Path:
    return Path(unquote(url.rpartition("host=")[2]))


def folders() -> set[Path]:
    """The folders of this process's servers."""
    return set(Path("/tmp").glob(f"kata-postgres-{os.getpid()}-*"))


def postmaster_of(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a database open; its first line is the URL."""
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def url_of(owner: subprocess.Popen[str]) -> str:
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


def test_the_database_is_real_and_empty() -> None:
    with postgres.database() as url, psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version_num").fetchone()
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert int(version[0]) >= 140000
    assert tables == (0,)


@pytest.mark.parametrize("ending", ["well", "by an error"])
def test_nothing_is_left_after_the_block(ending: str) -> None:
    try:
        with postgres.database() as url:
            folder = folder_of(url)
            postmaster = postmaster_of(folder)
            assert folder.is_dir()
            if ending != "well":
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass

    assert not folder.exists()
    assert not psutil.pid_exists(postmaster)


def test_the_next_start_removes_what_a_killed_owner_and_server_left(owner: subprocess.Popen[str]) -> None:
    folder = folder_of(url_of(owner))
    # The judge kills every process of a worker, so the server gets no chance to tidy up.
    os.kill(postmaster_of(folder), signal.SIGKILL)
    owner.kill()
    owner.wait()
    assert folder.exists()

    with postgres.database():
        pass

    assert not folder.exists()


def test_a_living_server_is_left_alone_by_the_next_start(owner: subprocess.Popen[str]) -> None:
    theirs = url_of(owner)

    with postgres.database() as ours, psycopg.connect(theirs) as one, psycopg.connect(ours) as other:
        one.execute("CREATE TABLE t (i int)")
        found = other.execute("SELECT to_regclass('t') IS NULL").fetchone()

    assert found == (True,)
    assert folder_of(theirs).is_dir()


def test_a_server_that_does_not_start_is_the_machines_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres._SETTINGS, "shared_buffers", "no size")
    before = folders()

    with pytest.raises(postgres.MachineError, match="shared_buffers"), postgres.database():
        pass

    assert before == folders()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, whose servers run as nobody")
def test_programs_in_a_folder_closed_to_others_still_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = postgres._packaged_installs()
    if not packaged:
        pytest.skip("needs the server of the package")
    closed = tmp_path / "closed"
    package = packaged[0].parent
    for source in (packaged[0], package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, closed / source.relative_to(package.parent), symlinks=True)
    closed.chmod(0o700)
    copied = closed / package.name / packaged[0].name
    monkeypatch.setattr(postgres, "_packaged_installs", lambda: [copied])

    with postgres.database() as url, psycopg.connect(url) as connection:
        answer = connection.execute("SELECT 42").fetchone()

    assert answer == (42,)
