"""What happened, in one SQLite file: the only module that knows SQL.

Attempts are append-only and keep the code as it was, each file once by its sha256. What the screens need of a
million attempts is counted by triggers as they arrive, so that reading it costs as much as there are katas.
`solved` is a view. Times are stored in UTC; beside them stands the day on the learner's calendar, for streaks.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from kata_runner.errors import MachineError, UsageError
from kata_runner.learner.workspace import digest_of, is_safe_name
from kata_runner.model import Attempt, Outcome, Recorded, Submission, Verdict

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")
Clock = Callable[[], datetime]

LONGEST_GAP_S = 600
_BUSY_S = 10.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Primary result codes of SQLite.
_BUSY, _LOCKED, _CORRUPT, _NOTADB = 5, 6, 11, 26
_PERM, _READONLY, _IOERR, _FULL, _CANTOPEN, _PROTOCOL = 3, 8, 10, 13, 14, 15


@dataclass(frozen=True)
class HistoryRow:
    """One row of a kata's history: a judged attempt, or code kept before it was replaced.

    outcome: None where the code was kept for `reason` ("reset", "restore", …). is_kept: whether the code is
    still known; it is not where a damaged file gave back the row but not the code.
    """

    kata_id: str
    number: int
    at: datetime
    outcome: Outcome | None
    reason: str
    n_passed: int
    n_checks: int
    duration_s: float
    digest: str
    borrowed: tuple[str, ...] = ()
    is_kept: bool = True


class KataState(NamedTuple):
    """What happened with one kata so far.

    n_attempts: judged ones. hints: the highest level taken. is_borrowed: the first solution stood on the reference
    of another kata. passed_day, solved_day: by the learner's calendar. time_spent_s: see `Store.summary`.
    """

    kata_id: str
    n_attempts: int = 0
    last_at: datetime | None = None
    last_outcome: Outcome | None = None
    n_passed: int = 0
    n_checks: int = 0
    solved_at: datetime | None = None
    solved_day: date | None = None
    passed_day: date | None = None
    n_passed_days: int = 0
    hints: int = 0
    gave_up: bool = False
    is_borrowed: bool = False
    skipped_at: datetime | None = None
    time_spent_s: float = 0.0

    @property
    def is_solved(self) -> bool:
        return self.solved_at is not None

    @property
    def is_skipped(self) -> bool:
        return self.skipped_at is not None


class _States(Mapping[str, KataState]):
    """Kata id -> state, made of its row when it is asked for: a history may name far more katas than are looked at."""

    def __init__(self, rows: Mapping[str, tuple[Any, ...]]) -> None:
        self._rows = rows

    def __getitem__(self, kata_id: str) -> KataState:
        return _state(self._rows[kata_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True)
class History:
    """All that plan and screen need to know of the past; `History()` is that of someone who has just begun."""

    katas: Mapping[str, KataState] = field(default_factory=dict)
    passed_days: frozenset[date] = frozenset()
    n_solved_by_day: Mapping[date, int] = field(default_factory=dict)
    n_attempts: int = 0
    n_hints: int = 0
    time_spent_s: float = 0.0

    def state(self, kata_id: str) -> KataState:
        """What happened with this kata; a blank state where nothing did."""
        return self.katas.get(kata_id) or KataState(kata_id)


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(path: Path, *, clock: Clock = utc_now, vfs: str = "") -> Store:
    """Open the database at `path`, made when there is none yet in an existing folder.

    A damaged file is set aside, what can be read of it is taken over, and `Store.problem` says so. A file that cannot
    be written is opened for reading.
    vfs: how SQLite reaches the file; "unix-dotfile" serves mounts that have no locks.
    Raises MachineError when there is nothing to read, or when a newer version wrote the file.
    """
    return Store(path, clock, vfs)


class Store:
    """An open database. Usable from several threads; not to be carried over a fork.

    problem: "" or a sentence the learner should read once. read_only: whether nothing can be recorded now.
    """

    def __init__(self, path: Path, clock: Clock, vfs: str = "") -> None:
        self.path = path.absolute()
        self.problem = ""
        self.read_only = False
        self._clock = clock
        self._vfs = vfs
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._copy: Path | None = None
        self._run(lambda connection: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                import sqlite3

                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None
            if self._copy is not None:
                import shutil

                shutil.rmtree(self._copy, ignore_errors=True)
                self._copy = None

    # --- attempts ------------------------------------------------------------------------------------------------

    def record(self, verdict: Verdict, submission: Submission, borrowed: Sequence[str] = ()) -> Recorded:
        """Keep a verdict with the code it is about; it is on disk when this returns.

        borrowed: ids of the katas whose reference stood in for the learner's own solution.
        """
        if verdict.outcome in (Outcome.FAULT, Outcome.MISSING):
            raise ValueError(
                f"an outcome {verdict.outcome.value} says nothing about the learner's code; never record it"
            )

        def work(connection: sqlite3.Connection) -> Recorded:
            was_solved = _is_solved(connection, submission.kata_id)
            self._append(
                connection,
                submission,
                outcome=verdict.outcome.value,
                n_passed=verdict.n_passed,
                n_checks=len(verdict.checks),
                duration_us=round(verdict.duration_s * 1e6),
                borrowed="\n".join(borrowed),
            )
            sql = "SELECT n_attempts FROM standing WHERE kata_id = ?"
            (n_attempts,) = connection.execute(sql, (submission.kata_id,)).fetchone()
            return Recorded(first_solve=verdict.passed and not was_solved, n_attempts=n_attempts)

        return self._run(work, writing=True)

    def keep(self, submission: Submission, reason: str) -> int | None:
        """Keep code that is about to be replaced; gives its number in the history.

        None when there is nothing to keep: no file, or the newest row holds the same code.
        """

        def work(connection: sqlite3.Connection) -> int | None:
            sql = "SELECT digest, snapshot_id FROM attempt WHERE kata_id = ? ORDER BY number DESC LIMIT 1"
            newest = connection.execute(sql, (submission.kata_id,)).fetchone()
            digest = digest_of(submission.kata_id, submission.files)
            if newest is not None and newest[0] == digest and newest[1] is not None:
                return None
            return self._append(connection, submission, reason=reason)

        return self._run(work, writing=True) if submission.files else None

    def _append(self, connection: sqlite3.Connection, submission: Submission, **values: Any) -> int:
        at, day = self._now()
        digest = digest_of(submission.kata_id, submission.files)
        sql = "SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE kata_id = ?"
        (number,) = connection.execute(sql, (submission.kata_id,)).fetchone()
        row = {
            "kata_id": submission.kata_id,
            "number": number,
            "at_us": at,
            "day": day,
            "digest": digest,
            "snapshot_id": _save_files(connection, digest, submission.files),
            **values,
        }
        _insert(connection, "attempt", row)
        return int(number)

    def attempts(self, kata_id: str, last: int | None = None) -> tuple[HistoryRow, ...]:
        """The history of a kata, oldest first; `last` gives only the newest ones."""
        sql = f"SELECT {_ROW} FROM attempt WHERE kata_id = ? ORDER BY number DESC LIMIT ?"
        limit = -1 if last is None else last
        rows = self._run(lambda connection: connection.execute(sql, (kata_id, limit)).fetchall())
        return tuple(_history_row(row) for row in reversed(rows))

    def files(self, kata_id: str, number: int) -> dict[str, bytes]:
        """The code of one row of the history, exactly as it was.

        Raises UsageError when there is no such row, MachineError when its code was lost to damage.
        """

        def work(connection: sqlite3.Connection) -> dict[str, bytes] | int:
            sql = "SELECT id FROM attempt WHERE kata_id = ? AND number = ?"
            # A number beyond what SQLite can hold is no attempt either.
            found = connection.execute(sql, (kata_id, number)).fetchone() if abs(number) < 2**63 else None
            if found is not None:
                return _load_files(connection, found[0])
            highest = "SELECT coalesce(max(number), 0) FROM attempt WHERE kata_id = ?"
            return int(connection.execute(highest, (kata_id,)).fetchone()[0])

        got = self._run(work)
        if isinstance(got, dict):
            return got
        if got == 0:
            raise UsageError(f"{kata_id} has no attempts yet, so there is no code to bring back.")
        valid = "only attempt 1" if got == 1 else f"attempts 1 to {got}"
        raise UsageError(f"{kata_id} has no attempt {number}; it has {valid}. See them: kata history {kata_id}")

    def last_attempt(self, kata_id: str) -> Attempt | None:
        """The newest judged attempt at a kata."""
        return self._attempt("id = (SELECT last_id FROM standing WHERE kata_id = ?)", kata_id)

    def last_attempt_anywhere(self) -> Attempt | None:
        """The newest judged attempt at any kata."""
        return self._attempt("outcome IS NOT NULL ORDER BY id DESC LIMIT 1")

    def _attempt(self, where: str, *values: str) -> Attempt | None:
        sql = f"SELECT {_ROW} FROM attempt WHERE {where}"
        found = self._run(lambda connection: connection.execute(sql, values).fetchone())
        if found is None:
            return None
        row = _history_row(found)
        outcome = Outcome(found[3])
        return Attempt(row.kata_id, row.number, row.at, outcome, row.n_passed, row.n_checks, row.duration_s, row.digest)

    def passing_files(self, kata_id: str) -> dict[str, bytes] | None:
        """The code of the latest attempt that passed, for katas that build on this one."""

        def work(connection: sqlite3.Connection) -> dict[str, bytes] | None:
            sql = "SELECT passed_id FROM standing WHERE kata_id = ? AND passed_id IS NOT NULL"
            found = connection.execute(sql, (kata_id,)).fetchone()
            return None if found is None else _load_files(connection, found[0])

        return self._run(work)

    def solved(self) -> dict[str, datetime]:
        """Id of each solved kata -> when it was first solved."""
        sql = "SELECT kata_id, solved_at_us FROM solved ORDER BY solved_at_us, kata_id"
        rows = self._run(lambda connection: connection.execute(sql).fetchall())
        return {kata_id: _when(at_us) for kata_id, at_us in rows}

    def summary(self) -> History:
        """All that plan and screen need, in one consistent look.

        Time spent is the sum, over all rows of the history, of the gap since the row before it, of whatever kata,
        no gap counting for more than ten minutes; it is put down to the kata of the later row.
        """

        def work(connection: sqlite3.Connection) -> tuple[list[Any], list[Any], tuple[int, int]]:
            with _transaction(connection, "DEFERRED"):
                katas = connection.execute(f"SELECT {_STATE} FROM standing").fetchall()
                days = connection.execute("SELECT day, n_attempts, n_passed, n_solved FROM calendar").fetchall()
                sums = "SELECT coalesce(sum(hints), 0), coalesce(sum(spent_us), 0) FROM standing"
                return katas, days, connection.execute(sums).fetchone()

        katas, days, (n_hints, spent_us) = self._run(work)
        return History(
            katas=_States({row[0]: row for row in katas}),
            passed_days=frozenset(date.fromisoformat(day) for day, _, n_passed, _ in days if n_passed),
            n_solved_by_day={date.fromisoformat(day): n_solved for day, _, _, n_solved in days if n_solved},
            n_attempts=sum(row[1] for row in days),
            n_hints=n_hints,
            time_spent_s=spent_us / 1e6,
        )

    # --- marks and settings --------------------------------------------------------------------------------------

    def take_hint(self, kata_id: str, level: int) -> None:
        """Remember that the hints up to `level` were read."""
        self._mark(kata_id, "hint", level, unless="hints >= :level")

    def hints_taken(self, kata_id: str) -> int:
        """The highest level of hint that was read, 0 for none."""
        return int(self._standing(kata_id, "hints", 0))

    def give_up(self, kata_id: str) -> None:
        """Remember that the reference was shown before the kata was solved."""
        self._mark(kata_id, "gave_up", unless="gave_up")

    def gave_up(self, kata_id: str) -> bool:
        return bool(self._standing(kata_id, "gave_up", 0))

    def skip(self, kata_id: str) -> None:
        """Leave a kata for later; skipping it again puts it behind the others that were skipped."""
        self._mark(kata_id, "skip")

    def unskip(self, kata_id: str) -> None:
        """Take a skipped kata up again."""
        self._mark(kata_id, "unskip", unless="skipped_at_us IS NULL", needs_row=True)

    def skipped(self) -> frozenset[str]:
        """Ids of the katas left for later and not solved since."""
        sql = "SELECT kata_id FROM standing WHERE skipped_at_us IS NOT NULL AND solved_id IS NULL"
        return frozenset(row[0] for row in self._run(lambda connection: connection.execute(sql).fetchall()))

    def setting(self, name: str, default: str = "") -> str:
        sql = "SELECT value FROM setting WHERE name = ?"
        found = self._run(lambda connection: connection.execute(sql, (name,)).fetchone())
        return default if found is None else str(found[0])

    def set_setting(self, name: str, value: str) -> None:
        if self.setting(name, "\0") == value:  # most calls change nothing and need no write
            return
        sql = "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)"
        self._run(lambda connection: connection.execute(sql, (name, value)), writing=True)

    def _standing(self, kata_id: str, column: str, default: Any) -> Any:
        sql = f"SELECT {column} FROM standing WHERE kata_id = ?"
        found = self._run(lambda connection: connection.execute(sql, (kata_id,)).fetchone())
        return default if found is None else found[0]

    def _mark(self, kata_id: str, kind: str, level: int = 0, unless: str = "0", needs_row: bool = False) -> None:
        at, day = self._now()
        row = {"kata_id": kata_id, "kind": kind, "level": level, "at_us": at, "day": day}
        known = f"SELECT {unless} FROM standing WHERE kata_id = :kata_id"

        def work(connection: sqlite3.Connection) -> None:
            found = connection.execute(known, row).fetchone()
            if not (needs_row if found is None else found[0]):
                _insert(connection, "mark", row)

        self._run(work, writing=True)

    def check(self) -> str:
        """What SQLite complains about first, "" when the whole file is sound; takes a while on a large one."""
        (answer,) = self._run(lambda connection: connection.execute("PRAGMA integrity_check(1)").fetchone())
        return "" if answer == "ok" else str(answer)

    def _now(self) -> tuple[int, str]:
        now = self._clock()
        return (now - _EPOCH) // timedelta(microseconds=1), now.astimezone().date().isoformat()

    # --- the file ------------------------------------------------------------------------------------------------

    def _run(self, work: Callable[[sqlite3.Connection], T], *, writing: bool = False) -> T:
        """Do `work` on the open database, in a transaction when it writes; mend a damaged file and do it again."""
        import sqlite3

        with self._lock:
            for is_last in (False, True):
                try:
                    return _patiently(lambda: self._once(work, writing))
                except sqlite3.Error as error:
                    if is_last or not _is_damage(error) or not self._mend():
                        self.close()  # the next call begins afresh: the cause may be gone by then
                        raise self._explained(error, writing) from error
        raise AssertionError("unreachable")

    def _once(self, work: Callable[[sqlite3.Connection], T], writing: bool) -> T:
        connection = self._current(writing)
        if not writing:
            return work(connection)
        with _transaction(connection):
            return work(connection)

    def _current(self, writing: bool) -> sqlite3.Connection:
        """The connection, opened anew when the file is another one than before or may be writable again."""
        if self._identity != _identity(self.path) or (writing and self.read_only):
            self.close()
        if self._connection is None:
            self._connection = self._open()
            self._identity = _identity(self.path)
        if writing and self.read_only:
            raise MachineError(f"nothing can be recorded: {self.path} cannot be written. {_MAKE_WRITABLE}")
        return self._connection

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        self.read_only = False
        if not self.path.parent.is_dir():
            raise MachineError(f"there is no folder {self.path.parent} to keep the progress in. Make it: kata next")
        if _recovered(self.path).exists():
            raise _damage("an earlier run was interrupted while it set the damaged file aside")
        if _is_emptied(self.path):
            raise _damage("it is empty, its log is not")
        try:
            return _patiently(lambda: _connect(self.path, self._clock, self._vfs))
        except sqlite3.Error as error:
            if _code(error) not in (_PERM, _READONLY, _IOERR, _FULL, _CANTOPEN) or not self.path.exists():
                raise
            self.read_only = True
            return self._open_to_read()

    def _open_to_read(self) -> sqlite3.Connection:
        import sqlite3

        try:
            return _connect_to_read(self.path, "mode=ro")
        except sqlite3.OperationalError:
            if not _size(_beside(self.path, "-wal")):
                return _connect_to_read(self.path, "mode=ro&immutable=1")
        # What is in the log can only be read where SQLite may make an index of it.
        import shutil
        import tempfile

        self._copy = Path(tempfile.mkdtemp(prefix="kata-"))
        for ending in ("", "-wal"):
            shutil.copyfile(_beside(self.path, ending), self._copy / f"copy{ending}")
        return _connect_to_read(self._copy / "copy", "mode=rw")

    def _mend(self) -> bool:
        """Set a damaged file aside and take over what can be read; False when the folder does not allow it."""
        import sqlite3

        self.close()
        try:
            with _alone(self.path.parent):
                # Another process may have mended it while this one waited.
                if _recovered(self.path).exists() or _is_damaged(self.path):
                    self.problem = _replace_damaged(self.path, self._clock)
        except (OSError, sqlite3.Error):  # a read-only folder, a full disk
            return False
        return True

    def _explained(self, error: sqlite3.Error, writing: bool) -> MachineError:
        doing = "nothing was recorded" if writing else "the progress cannot be read"
        code = _code(error)
        if code == _CANTOPEN and not self.path.exists():
            return MachineError(f"{doing}: {self.path} cannot be made ({error}). {_MAKE_WRITABLE}")
        what = _MEANING.get(code, "{path} gave an error: {error}. Check it: kata doctor")
        return MachineError(f"{doing}: " + what.format(path=self.path, error=error))


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 for an error that Python's module raised itself."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _is_damage(error: sqlite3.Error) -> bool:
    # Text that is no UTF-8 was not written by us; Python's module has no code for it.
    return _code(error) in (_CORRUPT, _NOTADB) or "decode to UTF-8" in str(error)


def _damage(message: str) -> sqlite3.Error:
    import sqlite3

    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = _CORRUPT
    return error


def _patiently(work: Callable[[], T]) -> T:
    """Do `work`, again and again for a while when another process is in the way where SQLite itself does not wait."""
    import sqlite3

    deadline, pause = time.monotonic() + _BUSY_S, 0.002
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if _code(error) not in (_BUSY, _LOCKED, _PROTOCOL) or time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(pause * 2, 0.1)


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    import sqlite3

    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Some errors have rolled back already.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _bare(path: Path, options: str) -> sqlite3.Connection:
    import sqlite3

    connection = sqlite3.connect(
        f"{path.as_uri()}?{options}", uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    # So that "INSERT OR REPLACE" cannot slip past the triggers that refuse DELETE.
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


def _connect(path: Path, clock: Clock, vfs: str = "") -> sqlite3.Connection:
    connection = _bare(path, "mode=rwc" + (f"&vfs={vfs}" if vfs else ""))
    try:
        _refuse_foreign(connection, path)
        _use_log(connection)
        # A verdict that was shown outlives a power cut, too.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, MIGRATIONS, clock)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_to_read(path: Path, options: str) -> sqlite3.Connection:
    connection = _bare(path, options)
    try:
        _refuse_foreign(connection, path)
        if _version(connection) != len(MIGRATIONS):
            raise MachineError(f"{path} must be brought up to date but cannot be written. {_MAKE_WRITABLE}")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_log(connection: sqlite3.Connection) -> None:
    """Write ahead where the file system allows it, so that readers and a writer do not wait for each other."""
    import sqlite3

    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if _code(error) in (_BUSY, _LOCKED):
            raise
        # No shared memory here (some network mounts): the slower journal serves.
        connection.execute("PRAGMA journal_mode = DELETE")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    # In one look: another process may be making the tables right now.
    with _transaction(connection, "DEFERRED"):
        version = _version(connection)
        (n_tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version > len(MIGRATIONS):
        raise MachineError(
            f"{path} was written by a newer kata (schema {version}, this one knows {len(MIGRATIONS)}). It was left as "
            "it is. Update kata: pip install --upgrade kata-runner"
        )
    if version == 0 and n_tables:
        raise MachineError(
            f"{path} is a database of another program. It was left as it is. Move it away and try again."
        )


# --- schema ------------------------------------------------------------------------------------------------------


class Migration(NamedTuple):
    """One step of the schema. A step that was released is never changed; the next one is added below it."""

    name: str
    statements: tuple[str, ...]


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration], clock: Clock) -> None:
    """Bring the schema up to date; each step and its record are in one transaction."""
    for version, step in enumerate(steps, start=1):
        if _version(connection) >= version:
            continue
        with _transaction(connection):
            if _version(connection) >= version:  # another process was faster
                continue
            for statement in step.statements:
                connection.execute(statement)
            at_us = (clock() - _EPOCH) // timedelta(microseconds=1)
            _insert(connection, "migration", {"version": version, "name": step.name, "at_us": at_us})
            connection.execute(f"PRAGMA user_version = {version}")


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    return int(connection.execute(sql, tuple(row.values())).lastrowid or 0)


def _refuses_change(table: str, key: str) -> tuple[str, ...]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        # REPLACE deletes without asking the trigger above, unless recursive_triggers is on.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) BEGIN {refuse}; END",
    )


MIGRATIONS = (
    Migration(
        "attempts, marks, settings, and what is counted of them",
        (
            "CREATE TABLE migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, at_us INTEGER NOT NULL)",
            "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
            # A file's content, compressed by zlib.
            "CREATE TABLE blob (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, data BLOB NOT NULL)",
            *_refuses_change("blob", "id = NEW.id OR sha256 = NEW.sha256"),
            # A submission's files; attempts with the same code share it.
            "CREATE TABLE snapshot (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE)",
            *_refuses_change("snapshot", "id = NEW.id OR digest = NEW.digest"),
            """CREATE TABLE snapshot_file (
                snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
                name TEXT NOT NULL,
                blob_id INTEGER NOT NULL REFERENCES blob (id),
                PRIMARY KEY (snapshot_id, name)
            ) WITHOUT ROWID""",
            *_refuses_change("snapshot_file", "snapshot_id = NEW.snapshot_id AND name = NEW.name"),
            # outcome is NULL where code was only kept; snapshot_id is NULL where damage took the code.
            """CREATE TABLE attempt (
                id INTEGER PRIMARY KEY,
                kata_id TEXT NOT NULL CHECK (typeof(kata_id) = 'text'),
                number INTEGER NOT NULL CHECK (typeof(number) = 'integer' AND number > 0),
                at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
                day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
                outcome TEXT CHECK (outcome IN ('passed', 'failed', 'todo', 'broke', 'rule')),
                reason TEXT NOT NULL DEFAULT '',
                n_passed INTEGER NOT NULL DEFAULT 0 CHECK (typeof(n_passed) = 'integer'),
                n_checks INTEGER NOT NULL DEFAULT 0 CHECK (typeof(n_checks) = 'integer'),
                duration_us INTEGER NOT NULL DEFAULT 0 CHECK (typeof(duration_us) = 'integer'),
                borrowed TEXT NOT NULL DEFAULT '',
                digest TEXT NOT NULL,
                snapshot_id INTEGER REFERENCES snapshot (id),
                UNIQUE (kata_id, number)
            )""",
            *_refuses_change("attempt", "id = NEW.id OR (kata_id = NEW.kata_id AND number = NEW.number)"),
            """CREATE TABLE mark (
                id INTEGER PRIMARY KEY,
                kata_id TEXT NOT NULL CHECK (typeof(kata_id) = 'text'),
                kind TEXT NOT NULL CHECK (kind IN ('hint', 'gave_up', 'skip', 'unskip')),
                level INTEGER NOT NULL CHECK (typeof(level) = 'integer'),
                at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
                day TEXT NOT NULL
            )""",
            *_refuses_change("mark", "id = NEW.id"),
            # Counted by the triggers below, never written by hand: one row a kata, one row a day.
            """CREATE TABLE standing (
                kata_id TEXT PRIMARY KEY,
                n_attempts INTEGER NOT NULL DEFAULT 0,
                last_id INTEGER, last_at_us INTEGER, last_outcome TEXT,
                n_passed INTEGER NOT NULL DEFAULT 0, n_checks INTEGER NOT NULL DEFAULT 0,
                solved_id INTEGER, solved_at_us INTEGER, solved_day TEXT,
                is_borrowed INTEGER NOT NULL DEFAULT 0,
                passed_id INTEGER, passed_day TEXT,
                n_passed_days INTEGER NOT NULL DEFAULT 0,
                hints INTEGER NOT NULL DEFAULT 0,
                gave_up INTEGER NOT NULL DEFAULT 0,
                skipped_at_us INTEGER,
                spent_us INTEGER NOT NULL DEFAULT 0
            ) WITHOUT ROWID""",
            """CREATE TABLE calendar (
                day TEXT PRIMARY KEY,
                n_attempts INTEGER NOT NULL DEFAULT 0,
                n_passed INTEGER NOT NULL DEFAULT 0,
                n_solved INTEGER NOT NULL DEFAULT 0
            ) WITHOUT ROWID""",
            "CREATE VIEW solved AS SELECT kata_id, solved_at_us FROM standing WHERE solved_id IS NOT NULL",
            f"""CREATE TRIGGER attempt_gap AFTER INSERT ON attempt BEGIN
                INSERT INTO standing (kata_id) SELECT NEW.kata_id
                    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE kata_id = NEW.kata_id);
                UPDATE standing SET spent_us = spent_us + coalesce(max(0, min({LONGEST_GAP_S * 1_000_000},
                    NEW.at_us - (SELECT at_us FROM attempt WHERE id < NEW.id ORDER BY id DESC LIMIT 1))), 0)
                    WHERE kata_id = NEW.kata_id;
                INSERT INTO calendar (day) SELECT NEW.day
                    WHERE NOT EXISTS (SELECT 1 FROM calendar WHERE day = NEW.day);
            END""",
            """CREATE TRIGGER attempt_judged AFTER INSERT ON attempt WHEN NEW.outcome IS NOT NULL BEGIN
                INSERT INTO standing (kata_id) SELECT NEW.kata_id
                    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE kata_id = NEW.kata_id);
                INSERT INTO calendar (day) SELECT NEW.day
                    WHERE NOT EXISTS (SELECT 1 FROM calendar WHERE day = NEW.day);
                UPDATE standing SET n_attempts = n_attempts + 1, last_id = NEW.id, last_at_us = NEW.at_us,
                    last_outcome = NEW.outcome, n_passed = NEW.n_passed, n_checks = NEW.n_checks
                    WHERE kata_id = NEW.kata_id;
                UPDATE standing SET solved_id = NEW.id, solved_at_us = NEW.at_us, solved_day = NEW.day,
                    is_borrowed = NEW.borrowed <> ''
                    WHERE kata_id = NEW.kata_id AND NEW.outcome = 'passed' AND solved_id IS NULL;
                UPDATE standing SET passed_id = NEW.id, passed_day = NEW.day,
                    n_passed_days = n_passed_days + (passed_day IS NOT NEW.day)
                    WHERE kata_id = NEW.kata_id AND NEW.outcome = 'passed';
                UPDATE calendar SET n_attempts = n_attempts + 1, n_passed = n_passed + (NEW.outcome = 'passed'),
                    n_solved = n_solved + (SELECT solved_id IS NEW.id FROM standing WHERE kata_id = NEW.kata_id)
                    WHERE day = NEW.day;
            END""",
            """CREATE TRIGGER mark_counted AFTER INSERT ON mark BEGIN
                INSERT INTO standing (kata_id) SELECT NEW.kata_id
                    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE kata_id = NEW.kata_id);
                UPDATE standing SET
                    hints = max(hints, CASE NEW.kind WHEN 'hint' THEN NEW.level ELSE 0 END),
                    gave_up = max(gave_up, NEW.kind = 'gave_up'),
                    skipped_at_us = CASE NEW.kind WHEN 'skip' THEN NEW.at_us WHEN 'unskip' THEN NULL
                        ELSE skipped_at_us END
                    WHERE kata_id = NEW.kata_id;
            END""",
        ),
    ),
)

_ROW = (
    "kata_id, number, at_us, outcome, reason, n_passed, n_checks, duration_us, digest, borrowed, "
    "snapshot_id IS NOT NULL"
)
_STATE = (
    "kata_id, n_attempts, last_at_us, last_outcome, n_passed, n_checks, solved_at_us, solved_day, passed_day, "
    "n_passed_days, hints, gave_up, is_borrowed, skipped_at_us, spent_us"
)


def _when(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)


def _history_row(row: tuple[Any, ...]) -> HistoryRow:
    kata_id, number, at_us, outcome, reason, n_passed, n_checks, duration_us, digest, borrowed, is_kept = row
    return HistoryRow(
        kata_id,
        number,
        _when(at_us),
        Outcome(outcome) if outcome else None,
        reason,
        n_passed,
        n_checks,
        duration_us / 1e6,
        digest,
        tuple(borrowed.split("\n")) if borrowed else (),
        bool(is_kept),
    )


_OUTCOMES: dict[str | None, Outcome | None] = {None: None, **{outcome.value: outcome for outcome in Outcome}}


def _state(row: tuple[Any, ...]) -> KataState:
    kata_id, n, last, outcome, n_passed, n_checks, solved, s_day, p_day, n_days, hints, gave_up, borrowed, skip, us = (
        row
    )
    return KataState(
        kata_id,
        n,
        None if last is None else _when(last),
        _OUTCOMES[outcome],
        n_passed,
        n_checks,
        None if solved is None else _when(solved),
        None if s_day is None else date.fromisoformat(s_day),
        None if p_day is None else date.fromisoformat(p_day),
        n_days,
        hints,
        gave_up == 1,
        borrowed == 1,
        None if skip is None else _when(skip),
        us / 1e6,
    )


def _is_solved(connection: sqlite3.Connection, kata_id: str) -> bool:
    return connection.execute("SELECT 1 FROM solved WHERE kata_id = ?", (kata_id,)).fetchone() is not None


def _save_files(connection: sqlite3.Connection, digest: str, files: Mapping[str, bytes]) -> int:
    """The snapshot that holds these files, new or known."""
    import hashlib
    import zlib

    known = connection.execute("SELECT id FROM snapshot WHERE digest = ?", (digest,)).fetchone()
    if known is not None:
        return int(known[0])
    snapshot = _insert(connection, "snapshot", {"digest": digest})
    for name, content in files.items():
        sha256 = hashlib.sha256(content).hexdigest()
        found = connection.execute("SELECT id FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
        blob = found[0] if found else _insert(connection, "blob", {"sha256": sha256, "data": zlib.compress(content)})
        _insert(connection, "snapshot_file", {"snapshot_id": snapshot, "name": name, "blob_id": blob})
    return snapshot


def _load_files(connection: sqlite3.Connection, attempt_id: int) -> dict[str, bytes]:
    """The code of an attempt. Raises MachineError when it is not, to the byte, what was recorded."""
    sql = "SELECT kata_id, number, digest, snapshot_id FROM attempt WHERE id = ?"
    kata_id, number, digest, snapshot = connection.execute(sql, (attempt_id,)).fetchone()
    files = _load_snapshot(connection, kata_id, digest, snapshot)
    if files is None:
        raise MachineError(
            f"the code of attempt {number} at {kata_id} was lost to damage of the file. Choose another attempt."
        )
    return files


def _load_snapshot(
    connection: sqlite3.Connection, kata_id: str, digest: str, snapshot: int | None
) -> dict[str, bytes] | None:
    import zlib

    sql = "SELECT name, data FROM snapshot_file JOIN blob ON blob.id = blob_id WHERE snapshot_id = ? ORDER BY name"
    with suppress(zlib.error, TypeError, AttributeError):  # garbage where compressed content was
        files = {name: zlib.decompress(data) for name, data in connection.execute(sql, (snapshot,))}
        if snapshot is not None and digest_of(kata_id, files) == digest and all(map(is_safe_name, files)):
            return files
    return None


# --- damage ------------------------------------------------------------------------------------------------------


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _recovered(path: Path) -> Path:
    return path.with_name(f"{path.stem}.recovered{path.suffix}")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def _is_emptied(path: Path) -> bool:
    # SQLite would take the file for a new one and throw away the log, which still holds attempts.
    return not _size(path) and _size(_beside(path, "-wal")) > 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a lock that a killed process leaves behind unlocked, on every system: SQLite's own."""
    import sqlite3

    lock = None
    try:
        lock = _bare(folder / "recovery.lock", "mode=rwc")
        _patiently(lambda: lock.execute("BEGIN EXCLUSIVE"))
    except sqlite3.Error as error:
        if lock is not None:
            lock.close()
        raise OSError(f"cannot lock {folder}: {error}") from error
    try:
        yield
    finally:
        lock.close()


def _is_damaged(path: Path) -> bool:
    import sqlite3

    if _is_emptied(path) or not path.exists():
        return _is_emptied(path)
    try:
        connection = _bare(path, "mode=rw")
        try:
            answer = connection.execute("PRAGMA integrity_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        return _is_damage(error)
    return bool(answer != ("ok",))


def _replace_damaged(path: Path, clock: Clock) -> str:
    """Put a sound database in the place of a damaged one, which is renamed; says what was done.

    Whenever this is cut short, running it again completes it: the recovered file gets its name only when it is
    whole, and the damaged one keeps its name until then.
    """
    recovered = _recovered(path)
    if not recovered.exists():
        _recover(path, recovered, clock)
    aside = _name_aside(path, clock)
    # The logs first: one left behind would be played into the new database.
    for ending in ("-wal", "-shm", "-journal", ""):
        with suppress(FileNotFoundError):
            _beside(path, ending).rename(_beside(aside, ending))
    n_attempts = _count(recovered)
    recovered.rename(path)
    rows = "1 attempt was" if n_attempts == 1 else f"{f'{n_attempts:,}' if n_attempts else 'no'} attempts were"
    return (
        f"the progress database was damaged. It was set aside as {aside.name}, and {rows} recovered from it. "
        "See what is there: kata progress"
    )


def _name_aside(path: Path, clock: Clock) -> Path:
    stamp = clock().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (
        path.with_name(f"{path.stem}.damaged-{stamp}{n}{path.suffix}") for n in ("", *(f"-{i}" for i in range(2, 99)))
    )
    return next(name for name in names if not any(_beside(name, e).exists() for e in ("", "-wal", "-shm", "-journal")))


def _count(path: Path) -> int:
    connection = _bare(path, "mode=rw")
    try:
        return int(connection.execute("SELECT coalesce(sum(n_attempts), 0) FROM calendar").fetchone()[0])
    finally:
        connection.close()


def _recover(damaged: Path, recovered: Path, clock: Clock) -> None:
    """Make a new database of all that can be read of a damaged one, row by row."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="recovering-", dir=damaged.parent) as name:
        fresh = Path(name) / "fresh.sqlite3"
        _make_fresh(fresh, clock)
        # Read from a copy: SQLite would write the log into the damaged file.
        source = Path(name) / "copy.sqlite3"
        for ending in ("", "-wal", "-journal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(_beside(damaged, ending), _beside(source, ending))
        target = _bare(fresh, "mode=rw")
        try:
            with _transaction(target):
                _take_over(source, fresh, target)
        finally:
            target.close()
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.rename(recovered)


def _make_fresh(path: Path, clock: Clock) -> None:
    connection = _bare(path, "mode=rwc")
    try:
        migrate(connection, MIGRATIONS, clock)
    finally:
        connection.close()


def _open_damaged(source: Path, fresh: Path) -> sqlite3.Connection | None:
    """A connection through which some table can be read; None when there is none."""
    if not _size(source) and not _size(_beside(source, "-wal")):
        return None
    source.touch()
    # An empty file is grafted at once: SQLite would throw its log away.
    for grafted in (False, True) if _size(source) else (True,):
        if grafted:
            _graft_schema(source, fresh)
        connection = _bare(source, "mode=rw")
        if _has_tables(connection):
            return connection
        connection.close()
    return None


def _has_tables(connection: sqlite3.Connection) -> bool:
    import sqlite3

    try:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempt'").fetchone()
        return found is not None
    except sqlite3.Error:
        return False


def _graft_schema(source: Path, fresh: Path) -> None:
    """Give a copy whose list of tables is garbage that of a new database.

    The same steps lay out the same tables at the same pages, so that the rest can often be read again.
    """
    pages = fresh.read_bytes()
    size = int.from_bytes(pages[16:18], "big")
    first = bytearray(pages[:size])
    n_cells = int.from_bytes(first[103:105], "big")
    # The first page holds the table of tables; where that is long, only the numbers of the pages it stands on.
    cells = [int.from_bytes(first[at : at + 2], "big") for at in range(112, 112 + 2 * n_cells, 2)]
    numbers = [int.from_bytes(first[at : at + 4], "big") for at in (*cells, 108)] if first[100] == _INTERIOR else []
    first[28:32] = bytes(4)  # the number of pages is that of the file
    if _size(_beside(source, "-wal")):
        first[18:20] = b"\2\2"  # the log counts
    with source.open("rb+") as file:
        file.write(first)
        for number in numbers:
            file.seek((number - 1) * size)
            file.write(pages[(number - 1) * size : number * size])


def _take_over(source: Path, fresh: Path, new: sqlite3.Connection) -> None:
    """Copy all that can be read of `source`; an error of `new` itself, such as a full disk, is not swallowed."""
    old = _open_damaged(source, fresh)
    if old is None:
        return
    with closing(old):
        for row in _settings(old):
            new.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", row)
        damaged = [table for table in _STAGED if not _stage(old, new, table)]
        roots = {table: page for table, page in _roots(old).items() if table in damaged}
    if roots:
        _stage_leaf_by_leaf(source, roots, new)
    with closing(_bare(source, "mode=rw")) as old:
        for mark in _staged(new, "mark"):
            _insert_sound(new, "mark", mark)
        for attempt in _staged(new, "attempt"):
            _insert_sound(new, "attempt", attempt | {"snapshot_id": _take_over_files(old, new, attempt)})


def _stage(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> bool:
    """Note the rows that can be read, to be inserted by id later on; whether no damage was met."""
    columns = _STAGED[table]
    # With the constraints of the table itself, so that garbage takes no sound row's place.
    (made,) = new.execute("SELECT sql FROM main.sqlite_master WHERE name = ?", (table,)).fetchone()
    new.execute(made.replace(f"CREATE TABLE {table}", f"CREATE TEMP TABLE IF NOT EXISTS staged_{table}", 1))
    sql = f"INSERT OR IGNORE INTO staged_{table} (id, {', '.join(columns)}) VALUES (?{', ?' * len(columns)})"
    damage: list[sqlite3.Error] = []
    for row in _readable(old, table, columns, damage):
        new.execute(sql, row)
    return not damage


def _staged(new: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    columns = _STAGED[table]
    for row in new.execute(f"SELECT {', '.join(columns)} FROM staged_{table} ORDER BY id"):
        yield dict(zip(columns, row, strict=True))


def _roots(old: sqlite3.Connection) -> dict[str, int]:
    sql = "SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"
    return {name: page for name, page in old.execute(sql) if name in _STAGED}


def _stage_leaf_by_leaf(source: Path, roots: Mapping[str, int], new: sqlite3.Connection) -> None:
    """Reach the rows that no way leads to any more, by making each leaf in turn the whole of the table.

    Leaves of other tables give rows that break a constraint, and are left.
    """
    with source.open("rb+", buffering=0) as file:
        file.seek(16)
        size = int.from_bytes(file.read(2), "big")
        for number in range(2, source.stat().st_size // size + 1):
            file.seek((number - 1) * size)
            leaf = file.read(size)
            if leaf[0] != _LEAF:
                continue
            for table, root in roots.items():
                _stage_leaf(source, file, (root - 1) * size, leaf, new, table)


def _stage_leaf(source: Path, file: IO[bytes], at: int, leaf: bytes, new: sqlite3.Connection, table: str) -> None:
    import sqlite3

    file.seek(at)
    before = file.read(len(leaf))
    file.seek(at)
    file.write(leaf)
    try:
        # A new connection: one that is open would not see what was written behind its back.
        with closing(_bare(source, "mode=rw")) as old, suppress(sqlite3.Error):
            _stage(old, new, table)
    finally:
        file.seek(at)
        file.write(before)


def _settings(old: sqlite3.Connection) -> list[tuple[str, str]]:
    import sqlite3

    try:
        return [
            row for row in old.execute("SELECT name, value FROM setting") if all(isinstance(text, str) for text in row)
        ]
    except sqlite3.Error:
        return []


def _insert_sound(new: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Insert a row unless damage shows in its values."""
    import sqlite3

    with suppress(sqlite3.IntegrityError, ValueError, TypeError, OverflowError):
        date.fromisoformat(row["day"])
        _when(row["at_us"])
        _insert(new, table, row)


def _take_over_files(old: sqlite3.Connection, new: sqlite3.Connection, attempt: Mapping[str, Any]) -> int | None:
    """The snapshot with the code of an attempt, None when it cannot be read whole."""
    import sqlite3

    digest = attempt["digest"]
    known = new.execute("SELECT id FROM snapshot WHERE digest = ?", (digest,)).fetchone()
    if known is not None:
        return int(known[0])
    try:
        files = _load_snapshot(old, attempt["kata_id"], digest, attempt["snapshot_id"])
    except sqlite3.Error:
        return None
    return None if files is None else _save_files(new, digest, files)


def _readable(
    old: sqlite3.Connection, table: str, columns: tuple[str, ...], damage: list[sqlite3.Error]
) -> Iterator[tuple[Any, ...]]:
    """Every row of a table with a damaged page here and there, its id first; what was met is added to `damage`."""
    import sqlite3

    sql = f"SELECT id, {', '.join(columns)} FROM {table} NOT INDEXED WHERE id "
    last_id: int | None = 0
    while last_id is not None:
        reached = last_id
        try:
            for row in old.execute(f"{sql} > ? ORDER BY id", (last_id,)):
                reached = row[0]
                yield row
            return
        except sqlite3.Error as error:
            damage.append(error)
            last_id = _next_readable(old, table, reached)
        # The way there went in long steps; look at each id that they passed over.
        for row_id in range(reached + 1, (last_id or reached) + 1):
            with suppress(sqlite3.Error):
                yield from old.execute(f"{sql} = ?", (row_id,)).fetchall()


def _next_readable(old: sqlite3.Connection, table: str, last_id: int) -> int | None:
    """An id after `last_id` from which on rows can be read again, found by ever longer steps."""
    import sqlite3

    step = 1
    while step < 2**40:
        with suppress(sqlite3.Error):
            sql = f"SELECT id FROM {table} NOT INDEXED WHERE id >= ? ORDER BY id LIMIT 1"
            found = old.execute(sql, (last_id + step,)).fetchone()
            return None if found is None else int(found[0])
        step *= 2
    return None


# What a recovery reads of each table that holds what happened.
_STAGED = {
    "mark": ("kata_id", "kind", "level", "at_us", "day"),
    "attempt": (
        *("kata_id", "number", "at_us", "day", "outcome", "reason", "n_passed", "n_checks"),
        *("duration_us", "borrowed", "digest", "snapshot_id"),
    ),
}
# First byte of a page of a table in SQLite's file format.
_INTERIOR, _LEAF = 5, 13
_MAKE_WRITABLE = "Make the folder writable, or name another workspace: --workspace FOLDER"
_MEANING = {
    _BUSY: "another kata command has kept {path} busy for long. Try again when it is done.",
    _LOCKED: "another kata command has kept {path} busy for long. Try again when it is done.",
    _PROTOCOL: "the file system of {path} gives no locks. Name a workspace on a local disk: --workspace FOLDER",
    _PERM: "{path} may not be opened. " + _MAKE_WRITABLE,
    _READONLY: "{path} cannot be written. " + _MAKE_WRITABLE,
    _CANTOPEN: "{path} cannot be opened. " + _MAKE_WRITABLE,
    _IOERR: "reading or writing {path} failed ({error}). Is the disk full or gone? Make room and try again.",
    _FULL: "the disk of {path} is full. Make room and try again.",
    _CORRUPT: "{path} is damaged ({error}) and could not be set aside. " + _MAKE_WRITABLE,
    _NOTADB: "{path} is no database of kata ({error}) and could not be set aside. " + _MAKE_WRITABLE,
}
