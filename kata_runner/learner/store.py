"""What happened, in one SQLite file: the only module that knows SQL.

Attempts are append-only and keep the code as it was, each file once by its sha256. What the screens show is not
stored but computed by the views of schema.sql. Times are stored in UTC, with the day on the learner's calendar
beside them, for streaks. A copy of the file is made about once an hour; it replaces the file when that is damaged.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from kata_runner.errors import MachineError, UsageError
from kata_runner.files import replace
from kata_runner.learner.workspace import digest_of, is_safe_name
from kata_runner.model import Attempt, Outcome, Recorded, Submission, Verdict

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")
Clock = Callable[[], datetime]

SCHEMA_VERSION = 2  # of schema.sql, stored as the user_version of a database
BACKUP_EVERY = timedelta(hours=1)
N_BACKUPS = 3
_BUSY_S = 10.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Primary result codes of SQLite.
_BUSY, _LOCKED, _CORRUPT, _NOTADB = 5, 6, 11, 26
_PERM, _READONLY, _IOERR, _FULL, _CANTOPEN, _PROTOCOL = 3, 8, 10, 13, 14, 15


@dataclass(frozen=True)
class HistoryRow:
    """One row of a kata's history: a judged attempt, or code kept before it was replaced.

    outcome: None where the code was kept for `reason` ("reset", "restore", …). is_kept: whether the code is still
    known; where 0.1.0 repaired a damaged file it may not be. borrowed: see `Store.record`.
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

    n_attempts: judged ones. hints: the highest level taken. solved_day, passed_day: the first and the last day with a
    pass, on the learner's calendar. time_spent_s: see `Store.summary`.
    """

    kata_id: str
    n_attempts: int = 0
    solved_day: date | None = None
    passed_day: date | None = None
    n_passed_days: int = 0
    hints: int = 0
    gave_up: bool = False
    skipped_at: datetime | None = None
    time_spent_s: float = 0.0

    @property
    def is_solved(self) -> bool:
        return self.solved_day is not None

    @property
    def is_skipped(self) -> bool:
        return self.skipped_at is not None


@dataclass(frozen=True)
class History:
    """All that plan and screen need to know of the past; `History()` is that of a beginner."""

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


def open_store(path: Path, *, clock: Clock = utc_now) -> Store:
    """Open the database at `path`; make it when there is none yet in an existing folder.

    A damaged file is set aside, the newest good backup takes its place, and `Store.problem` says so. A file that
    cannot be written is opened for reading.
    Raises MachineError when there is nothing to read, or when a newer version wrote the file.
    """
    return Store(path, clock)


class Store:
    """An open database. Several threads may use it; a fork must not.

    problem: "" or a sentence the learner should read once. read_only: whether nothing can be recorded now.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path.absolute()
        self.problem = ""
        self.read_only = False
        self._clock = clock
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._backup_due = datetime.min.replace(tzinfo=UTC)
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

    # --- attempts ------------------------------------------------------------------------------------------------

    def record(self, verdict: Verdict, submission: Submission, borrowed: Sequence[str] = ()) -> Recorded:
        """Keep a verdict with the code it is about; it is on disk when this returns.

        borrowed: ids of the katas whose reference stood in for the learner's own solution.
        Raises MachineError when it cannot be written.
        """
        if verdict.outcome in (Outcome.FAULT, Outcome.MISSING):
            raise ValueError(
                f"an outcome {verdict.outcome.value} says nothing about the learner's code; never record it"
            )

        def work(connection: sqlite3.Connection) -> Recorded:
            solved = "SELECT 1 FROM solved WHERE kata_id = ?"
            was_solved = connection.execute(solved, (submission.kata_id,)).fetchone() is not None
            self._append(
                connection,
                submission,
                outcome=verdict.outcome.value,
                n_passed=verdict.n_passed,
                n_checks=len(verdict.checks),
                duration_us=round(verdict.duration_s * 1e6),
                borrowed="\n".join(borrowed),
            )
            count = "SELECT count(*) FROM attempt WHERE kata_id = ? AND outcome IS NOT NULL"
            (n_attempts,) = connection.execute(count, (submission.kata_id,)).fetchone()
            return Recorded(first_solve=verdict.passed and not was_solved, n_attempts=n_attempts)

        return self._run(work, writing=True)

    def keep(self, submission: Submission, reason: str) -> int | None:
        """Keep code that is about to be replaced; return its number in the history.

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
        """The history of a kata, the oldest row first; only the newest `last` rows where that is given."""
        sql = f"SELECT {_ROW} FROM attempt WHERE kata_id = ? ORDER BY number DESC LIMIT ?"
        limit = -1 if last is None else last
        rows = self._run(lambda connection: connection.execute(sql, (kata_id, limit)).fetchall())
        return tuple(_history_row(row) for row in reversed(rows))

    def files(self, kata_id: str, number: int) -> dict[str, bytes]:
        """The code of one row of the history, exactly as it was.

        Raises UsageError when there is no such row, MachineError when its code is damaged.
        """

        def work(connection: sqlite3.Connection) -> dict[str, bytes] | int:
            sql = "SELECT id FROM attempt WHERE kata_id = ? AND number = ?"
            # SQLite cannot hold a number beyond 64 bits, so it is not that of an attempt.
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
        sql = f"SELECT {_ROW} FROM attempt WHERE kata_id = ? AND outcome IS NOT NULL ORDER BY number DESC LIMIT 1"
        found = self._run(lambda connection: connection.execute(sql, (kata_id,)).fetchone())
        if found is None:
            return None
        row = _history_row(found)
        outcome = Outcome(found[3])
        return Attempt(row.kata_id, row.number, row.at, outcome, row.n_passed, row.n_checks, row.duration_s, row.digest)

    def passing_files(self, kata_id: str) -> dict[str, bytes] | None:
        """The code of the latest attempt that passed, for katas that build on this one."""

        def work(connection: sqlite3.Connection) -> dict[str, bytes] | None:
            sql = "SELECT id FROM attempt WHERE kata_id = ? AND outcome = 'passed' ORDER BY number DESC LIMIT 1"
            found = connection.execute(sql, (kata_id,)).fetchone()
            return None if found is None else _load_files(connection, found[0])

        return self._run(work)

    def summary(self) -> History:
        """All that plan and screen need, in one consistent look.

        Time spent is the sum, over all rows of the history, of the time since the row before it, of whatever kata,
        no gap counting for more than ten minutes; it is put down to the kata of the later row.
        """

        def work(connection: sqlite3.Connection) -> tuple[list[Any], list[Any]]:
            with _transaction(connection, "DEFERRED"):
                rows = connection.execute(f"SELECT {_STATE} FROM kata_state").fetchall()
                days = connection.execute("SELECT DISTINCT day FROM attempt WHERE outcome = 'passed'").fetchall()
                return rows, days

        rows, days = self._run(work)
        states = [_state(row) for row in rows]
        return History(
            katas={state.kata_id: state for state in states},
            passed_days=frozenset(date.fromisoformat(day) for (day,) in days),
            n_solved_by_day=Counter(state.solved_day for state in states if state.solved_day is not None),
            n_attempts=sum(state.n_attempts for state in states),
            n_hints=sum(state.hints for state in states),
            time_spent_s=sum(state.time_spent_s for state in states),
        )

    # --- marks and settings --------------------------------------------------------------------------------------

    def take_hint(self, kata_id: str, level: int) -> None:
        """Remember that the hints up to `level` were read."""
        self._mark(kata_id, "hint", level, unless="SELECT 1 FROM marked WHERE kata_id = :kata_id AND hints >= :level")

    def hints_taken(self, kata_id: str) -> int:
        """The highest level of hint that was read, 0 for none."""
        sql = "SELECT hints FROM marked WHERE kata_id = ?"
        found = self._run(lambda connection: connection.execute(sql, (kata_id,)).fetchone())
        return 0 if found is None else int(found[0])

    def give_up(self, kata_id: str) -> None:
        """Remember that the reference was shown before the kata was solved."""
        self._mark(kata_id, "gave_up", unless="SELECT 1 FROM marked WHERE kata_id = :kata_id AND gave_up")

    def skip(self, kata_id: str) -> None:
        """Leave a kata for later; skipping it again puts it behind the others that were skipped."""
        self._mark(kata_id, "skip")

    def unskip(self, kata_id: str) -> None:
        """Take a skipped kata up again."""
        not_skipped = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM skipped WHERE kata_id = :kata_id)"
        self._mark(kata_id, "unskip", unless=not_skipped)

    def setting(self, name: str, default: str = "") -> str:
        """What was stored under a name, else `default`."""
        sql = "SELECT value FROM setting WHERE name = ?"
        found = self._run(lambda connection: connection.execute(sql, (name,)).fetchone())
        return default if found is None else str(found[0])

    def set_setting(self, name: str, value: str) -> None:
        """Store a text under a name."""
        if self.setting(name, "\0") == value:  # most calls change nothing and need no write
            return
        sql = "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)"
        self._run(lambda connection: connection.execute(sql, (name, value)), writing=True)

    def _mark(self, kata_id: str, kind: str, level: int = 0, *, unless: str = "") -> None:
        """Add a mark; where a query is given, unless it finds a row."""
        at, day = self._now()
        row = {"kata_id": kata_id, "kind": kind, "level": level, "at_us": at, "day": day}

        def work(connection: sqlite3.Connection) -> None:
            if not unless or connection.execute(unless, row).fetchone() is None:
                _insert(connection, "mark", row)

        self._run(work, writing=True)

    def _now(self) -> tuple[int, str]:
        now = self._clock()
        return (now - _EPOCH) // timedelta(microseconds=1), now.astimezone().date().isoformat()

    # --- the file ------------------------------------------------------------------------------------------------

    def _run(self, work: Callable[[sqlite3.Connection], T], *, writing: bool = False) -> T:
        """Do `work` on the open database, in a transaction when it writes; restore a damaged file and do it again.

        Raises MachineError where SQLite reports an error.
        """
        import sqlite3

        with self._lock:
            for is_last in (False, True):
                try:
                    return _patiently(lambda: self._once(work, writing))
                except sqlite3.Error as error:
                    if is_last or not _is_damage(error) or not self._recover():
                        self.close()  # the next call opens it anew: the cause may be gone by then
                        raise self._explained(error, writing) from error
        raise AssertionError("unreachable")

    def _once(self, work: Callable[[sqlite3.Connection], T], writing: bool) -> T:
        connection = self._current(writing)
        if not writing:
            return work(connection)
        self._back_up_hourly(connection)
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
        if _is_lost(self.path):
            raise _damage("it is missing or empty, and a log or a backup is there")
        try:
            return _connect(self.path, self._clock)
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
            # SQLite may not make the index of the log in this folder; it needs none where there is no log.
            if _size(_beside(self.path, "-wal")):
                raise
            return _connect_to_read(self.path, "mode=ro&immutable=1")

    def _back_up_hourly(self, connection: sqlite3.Connection) -> None:
        now = self._clock()
        if now < self._backup_due or connection.execute("SELECT 1 FROM attempt LIMIT 1").fetchone() is None:
            return
        self._backup_due = now + BACKUP_EVERY  # also where this one fails: not again at each write
        made_at = next(map(_made_at, _backups(self.path, now)), None)
        if made_at is not None and made_at <= now < made_at + BACKUP_EVERY:
            self._backup_due = made_at + BACKUP_EVERY
        elif not _back_up(connection, self.path, now):
            raise _damage("its backup is damaged")

    def _recover(self) -> bool:
        """Set a damaged file aside and put a backup in its place; False when the folder does not allow it."""
        import sqlite3

        self.close()
        try:
            with _alone(self.path.parent):
                # Another process may have done it while this one waited.
                if _is_lost(self.path) or _is_damaged(self.path):
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
    # Text that is not UTF-8 was not written by us; Python's module has no code for it.
    return _code(error) in (_CORRUPT, _NOTADB) or "decode to UTF-8" in str(error)


def _damage(message: str) -> sqlite3.Error:
    import sqlite3

    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = _CORRUPT
    return error


def _patiently(work: Callable[[], T]) -> T:
    """Do `work`, and try again for a while where another process is in the way and SQLite itself does not wait."""
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


def _connect(path: Path, clock: Clock) -> sqlite3.Connection:
    connection = _bare(path, "mode=rwc")
    try:
        _refuse_foreign(connection, path)
        _use_log(connection)
        # A verdict that was shown outlives a power cut, too.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _bring_up_to_date(connection, path, clock)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
    version = _version(connection)
    if version == SCHEMA_VERSION:
        return
    if version > 0:
        _back_up(connection, path, clock())
    schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;")


def _connect_to_read(path: Path, options: str) -> sqlite3.Connection:
    connection = _bare(path, options)
    try:
        _refuse_foreign(connection, path)
        if _version(connection) != SCHEMA_VERSION:
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
    if version > SCHEMA_VERSION:
        raise MachineError(
            f"{path} was written by a newer kata (schema {version}, this one knows {SCHEMA_VERSION}). It was left as "
            "it is. Update kata: pip install --upgrade kata-runner"
        )
    if version == 0 and n_tables:
        raise MachineError(
            f"{path} is a database of another program. It was left as it is. Move it away and try again."
        )


# --- rows -------------------------------------------------------------------------------------------------------------


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    return int(connection.execute(sql, tuple(row.values())).lastrowid or 0)


_ROW = (
    "kata_id, number, at_us, outcome, reason, n_passed, n_checks, duration_us, digest, borrowed, "
    "snapshot_id IS NOT NULL"
)
_STATE = "kata_id, n_attempts, solved_day, passed_day, n_passed_days, hints, gave_up, skipped_at_us, spent_us"


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


def _state(row: tuple[Any, ...]) -> KataState:
    kata_id, n_attempts, solved_day, passed_day, n_passed_days, hints, gave_up, skipped_at_us, spent_us = row
    return KataState(
        kata_id,
        n_attempts or 0,
        date.fromisoformat(solved_day) if solved_day else None,
        date.fromisoformat(passed_day) if passed_day else None,
        n_passed_days or 0,
        hints or 0,
        bool(gave_up),
        None if skipped_at_us is None else _when(skipped_at_us),
        (spent_us or 0) / 1e6,
    )


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
    import zlib

    sql = "SELECT kata_id, number, digest, snapshot_id FROM attempt WHERE id = ?"
    kata_id, number, digest, snapshot = connection.execute(sql, (attempt_id,)).fetchone()
    sql = "SELECT name, data FROM snapshot_file JOIN blob ON blob.id = blob_id WHERE snapshot_id = ? ORDER BY name"
    with suppress(zlib.error, TypeError, AttributeError):  # garbage where compressed content was
        files = {name: zlib.decompress(data) for name, data in connection.execute(sql, (snapshot,))}
        if digest_of(kata_id, files) == digest and all(map(is_safe_name, files)):
            return files
    raise MachineError(f"the code of attempt {number} at {kata_id} is damaged. Choose another attempt.")


# --- damage and backups -----------------------------------------------------------------------------------------------


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


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


def _is_lost(path: Path) -> bool:
    """Whether the file is missing or empty though it once held something; SQLite would make a new one."""
    return not _size(path) and (_size(_beside(path, "-wal")) > 0 or any(path.parent.glob(_backup_name(path, _ANY))))


def _is_damaged(path: Path) -> bool:
    with closing(_bare(path, "mode=rw")) as connection:
        return not _is_whole(connection)


def _is_whole(connection: sqlite3.Connection) -> bool:
    import sqlite3

    try:
        return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.Error as error:
        if _is_damage(error):
            return False
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a lock of SQLite's own, which the end of the process releases on every system."""
    with closing(_bare(folder / "recovery.lock", "mode=rwc")) as lock:
        _patiently(lambda: lock.execute("BEGIN EXCLUSIVE"))
        yield


def _backup_name(path: Path, stamp: str) -> str:
    return f"{path.stem}-backup-{stamp}{path.suffix}"


def _backups(path: Path, now: datetime) -> list[Path]:
    """The backups of a database, the newest first; last those that a wrong clock dated after now."""
    found = path.parent.glob(_backup_name(path, _ANY))
    return sorted(found, key=lambda backup: (_made_at(backup) <= now, backup.name), reverse=True)


def _made_at(backup: Path) -> datetime:
    return datetime.fromisoformat(backup.stem.rpartition("-")[2])


def _back_up(connection: sqlite3.Connection, path: Path, now: datetime) -> bool:
    """Copy the open database into a file beside it and keep the newest copies; False when the copy is damaged.

    An error costs the backup and nothing else.
    """
    import sqlite3

    target = path.with_name(_backup_name(path, now.astimezone(UTC).strftime(_STAMP)))
    draft = _beside(target, f".{os.getpid()}")
    is_whole = True
    with suppress(OSError, sqlite3.Error):
        with _transaction(connection, "DEFERRED"), closing(_bare(draft, "mode=rwc")) as copy:
            _version(connection)  # takes the lock or gives up in time; `backup` would wait for it without end
            connection.backup(copy)
            is_whole = _is_whole(copy)
        if is_whole:
            draft.replace(target)
    with suppress(OSError):
        written = path.parent.glob(_backup_name(path, _ANY) + "*")  # with what a killed process left
        for old in set(written).difference(_backups(path, now)[:N_BACKUPS]):
            old.unlink(missing_ok=True)
    return is_whole


def _replace_damaged(path: Path, clock: Clock) -> str:
    """Set a damaged database aside, put the newest good backup in its place, and return what the learner should read.

    Whenever this is cut short, running it again completes it: a missing file is replaced like a damaged one.
    """
    now, draft = clock(), _beside(path, f".{os.getpid()}")
    try:
        backup = next((backup for backup in _backups(path, now) if _copies_whole(backup, draft)), None)
        aside = _set_aside(path, now)
        if backup is not None:
            draft.replace(path)
        else:
            _connect(path, clock).close()
    finally:
        draft.unlink(missing_ok=True)
    what = f"was damaged and is set aside as {aside.name}" if aside.exists() else "was missing"
    if backup is None:
        then = "there is no backup of it, so the history begins anew"
    else:
        then = f"a backup that is {_in_words(now - _made_at(backup))} old took its place, without the attempts since"
    return f"the progress database {what}; {then}; your code is in the workspace as you left it."


def _copies_whole(backup: Path, draft: Path) -> bool:
    try:
        content = backup.read_bytes()
    except OSError:  # what damaged the database may have damaged this, too
        return False
    replace(draft, content)
    return not _is_damaged(draft)


def _set_aside(path: Path, now: datetime) -> Path:
    stamp = now.astimezone(UTC).strftime(_STAMP)
    names = (f"{path.stem}.damaged-{stamp}{n}{path.suffix}" for n in ("", *(f"-{i}" for i in range(2, 99))))
    free = (path.with_name(name) for name in names)
    aside = next(aside for aside in free if not any(_beside(aside, ending).exists() for ending in _LOGS))
    # The logs first: one left behind would be played into the new database.
    for ending in _LOGS:
        with suppress(FileNotFoundError):
            _beside(path, ending).rename(_beside(aside, ending))
    return aside


def _in_words(age: timedelta) -> str:
    for unit, length in (("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        if age >= 2 * length:
            return f"{age // length} {unit}"
    minutes = max(0, age // timedelta(minutes=1))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


_STAMP = "%Y%m%dT%H%M%SZ"
_ANY = "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z"  # what a stamp looks like to `glob`
_LOGS = ("-wal", "-shm", "-journal", "")
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
    _NOTADB: "{path} is not a database of kata ({error}) and could not be set aside. " + _MAKE_WRITABLE,
}
