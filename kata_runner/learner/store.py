"""What happened, in one SQLite file: the only module that knows SQL.

Attempts are append-only and keep the code as it was, each file once by its sha256. What the screens show is not
stored but computed by the views of schema.sql. Times are stored in UTC, with the day on the learner's calendar
beside them, for streaks. A copy of the file is made about once an hour; it replaces the file when that is damaged.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from kata_runner.errors import MachineError, UsageError, remedy
from kata_runner.files import replace
from kata_runner.learner.workspace import digest_of, is_safe_name
from kata_runner.model import HistoryRow, Outcome, Recorded, Submission, Verdict

if TYPE_CHECKING:
    import sqlite3

    from kata_runner.learner.exported import Attempt, Binary, Exported, Mark, Star

T = TypeVar("T")
Clock = Callable[[], datetime]

SCHEMA_VERSION = 4  # of schema.sql, stored as the user_version of a database
BACKUP_EVERY = timedelta(hours=1)
N_BACKUPS = 3
_BUSY_S = 10.0
_ONE_SAVE_US = 20_000_000  # within which two watches have judged the same save
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KataState(NamedTuple):
    """What happened with one kata so far.

    n_attempts: answers that were judged, each counted once, however often it was saved. hints: the highest level taken.
    stars: "typed" and "tested", where they are earned.
    solved_day, passed_day: the first and the last day with a pass, on the learner's calendar. time_spent_s: see
    `Store.summary`.
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
    stars: frozenset[str] = frozenset()

    @property
    def all_stars(self) -> tuple[str, ...]:
        """Its stars in order; only a solved kata has any."""
        more = [star for star in ("typed", "tested") if star in self.stars]
        return ("solved", *more) if self.is_solved else ()

    @property
    def is_solved(self) -> bool:
        return self.solved_day is not None

    @property
    def is_skipped(self) -> bool:
        return self.skipped_at is not None


class History(msgspec.Struct, frozen=True):
    """All that plan and screen need to know of the past; `History()` is that of a beginner."""

    katas: Mapping[str, KataState] = msgspec.field(default_factory=dict)
    passed_days: frozenset[date] = frozenset()
    n_solved_by_day: Mapping[date, int] = msgspec.field(default_factory=dict)
    n_attempts: int = 0
    n_hints: int = 0
    time_spent_s: float = 0.0

    def state(self, kata_id: str) -> KataState:
        """What happened with this kata; a blank state where nothing did."""
        return self.katas.get(kata_id) or KataState(kata_id)


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(path: Path, *, clock: Clock = utc_now) -> Store:
    """The database at `path`; it is made when there is none yet in an existing folder.

    A damaged file is set aside, the newest good backup takes its place, and `Store.problem` says so.
    Raises MachineError when there is nothing to read, or when a newer version wrote the file.
    """
    return Store(path, clock)


class Store:
    """A database of progress. Several threads and processes may use it: each call opens the file and closes it.

    problem: "" or a sentence the learner should read once.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path.absolute()
        self.problem = ""
        self._last_row = 0  # the newest that this store has recorded
        self._clock = clock
        self._lock = threading.Lock()
        self._run(lambda connection: None)

    # --- attempts ------------------------------------------------------------------------------------------------

    def record(
        self, verdict: Verdict, submission: Submission, borrowed: Sequence[str] = (), *, is_watch: bool = False
    ) -> Recorded:
        """Keep a verdict with the code it is about; it is on disk when this returns.

        borrowed: ids of the katas whose reference stood in for the learner's own solution. is_watch: another watch may
        have recorded the same save, which is then not recorded again.
        Raises MachineError when it cannot be written.
        """
        if verdict.outcome in (Outcome.FAULT, Outcome.MISSING):
            raise ValueError(
                f"an outcome {verdict.outcome.value} says nothing about the learner's code; never record it"
            )

        def work(connection: sqlite3.Connection) -> tuple[Recorded, int]:
            row_id = self._recorded_elsewhere(connection, verdict, submission) if is_watch else None
            if row_id is None:
                row_id, _ = self._append(
                    connection,
                    submission,
                    outcome=verdict.outcome.value,
                    n_passed=verdict.n_passed,
                    n_checks=len(verdict.checks),
                    duration_us=round(verdict.duration_s * 1e6),
                    borrowed="\n".join(borrowed),
                )
            passed_before = "SELECT 1 FROM attempt WHERE kata_id = ? AND outcome = 'passed' AND id < ?"
            was_solved = connection.execute(passed_before, (submission.kata_id, row_id)).fetchone() is not None
            count = "SELECT count(DISTINCT digest) FROM attempt WHERE kata_id = ? AND outcome IS NOT NULL"
            (n_attempts,) = connection.execute(count, (submission.kata_id,)).fetchone()
            return Recorded(first_solve=verdict.passed and not was_solved, n_attempts=n_attempts), row_id

        recorded, self._last_row = self._run(work, writing=True)
        return recorded

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
            return self._append(connection, submission, reason=reason)[1]

        return self._run(work, writing=True) if submission.files else None

    def _append(self, connection: sqlite3.Connection, submission: Submission, **values: Any) -> tuple[int, int]:
        """Add a row of now; returns its id, and its number in the history of its kata."""
        at, day = self._now()
        digest = digest_of(submission.kata_id, submission.files)
        row = {"kata_id": submission.kata_id, "at_us": at, "day": day, "digest": digest, **values}
        return _insert_attempt(connection, row, submission.files)

    def _recorded_elsewhere(
        self, connection: sqlite3.Connection, verdict: Verdict, submission: Submission
    ) -> int | None:
        """The row in which another process has recorded this verdict on the same save, None without one.

        Each such row counts once, so that the same code saved again is a row of its own.
        """
        sql = "SELECT min(id) FROM attempt WHERE kata_id = ? AND digest = ? AND outcome = ? AND at_us > ? AND id > ?"
        digest, since = digest_of(submission.kata_id, submission.files), self._now()[0] - _ONE_SAVE_US
        found = connection.execute(
            sql, (submission.kata_id, digest, verdict.outcome.value, since, self._last_row)
        ).fetchone()
        return None if found[0] is None else int(found[0])

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

    def last_attempt(self, kata_id: str) -> HistoryRow | None:
        """The newest judged attempt at a kata."""
        sql = (
            f"SELECT {_ROW} FROM attempt WHERE kata_id = ? AND outcome IS NOT NULL ORDER BY at_us DESC, id DESC LIMIT 1"
        )
        found = self._run(lambda connection: connection.execute(sql, (kata_id,)).fetchone())
        return None if found is None else _history_row(found)

    def passing_files(self, kata_id: str) -> dict[str, bytes] | None:
        """The code of the latest attempt that passed, for katas that build on this one."""

        def work(connection: sqlite3.Connection) -> dict[str, bytes] | None:
            passed = "SELECT id FROM attempt WHERE kata_id = ? AND outcome = 'passed'"
            sql = f"{passed} ORDER BY at_us DESC, id DESC LIMIT 1"
            found = connection.execute(sql, (kata_id,)).fetchone()
            return None if found is None else _load_files(connection, found[0])

        return self._run(work)

    def summary(self) -> History:
        """All that plan and screen need, in one consistent look.

        Time spent is the sum, over all rows of the history, of the time since the row before it, of whatever kata,
        no gap counting for more than ten minutes; it is put down to the kata of the later row.
        """

        def work(connection: sqlite3.Connection) -> tuple[list[Any], list[Any]]:
            connection.execute("BEGIN")
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

    def add_star(self, kata_id: str, kind: str) -> bool:
        """Remember a star, "typed" or "tested"; returns whether it is new."""
        at, day = self._now()
        row = {"kata_id": kata_id, "kind": kind, "at_us": at, "day": day}

        def work(connection: sqlite3.Connection) -> bool:
            is_new = not _is_there(connection, "star", row, ("kata_id", "kind"))
            if is_new:
                _insert(connection, "star", row)
            return is_new

        return self._run(work, writing=True)

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
        return _microseconds(now), now.astimezone().date().isoformat()

    # --- to and from other machines, and other names of katas ----------------------------------------------------

    def exported(self) -> Exported:
        """All that happened, and the settings a learner made; code that is damaged is left out."""
        from kata_runner.learner import exported

        def work(connection: sqlite3.Connection) -> Exported:
            connection.execute("BEGIN")
            attempts: list[Attempt] = []
            contents: dict[str, str | Binary] = {}
            for row_id, *row in connection.execute(f"SELECT id, {_ATTEMPT} FROM attempt ORDER BY at_us, id"):
                names = None
                with suppress(MachineError):
                    files = {name: (_sha256(data), data) for name, data in _load_files(connection, row_id).items()}
                    names = {name: sha256 for name, (sha256, _) in files.items()}
                    contents |= {sha256: exported.as_text(data) for sha256, data in files.values()}
                attempts.append(exported.Attempt(**_fields(_ATTEMPT, row), files=names))
            rows = connection.execute(f"SELECT {_MARK} FROM mark ORDER BY at_us, id")
            marks = tuple(exported.Mark(**_fields(_MARK, row)) for row in rows)
            rows = connection.execute(f"SELECT {_STAR} FROM star ORDER BY at_us, kata_id, kind")
            stars = tuple(exported.Star(**_fields(_STAR, row)) for row in rows)
            sql = "SELECT name, value FROM setting WHERE name IN ('current', 'track')"
            return exported.Exported(dict(connection.execute(sql)), tuple(attempts), marks, contents, stars)

        return self._run(work)

    def merge(self, other: Exported, former: Mapping[str, str]) -> tuple[int, int]:
        """Add what is not here yet, all or nothing; returns how many attempts and marks that were.

        Settings that are made here stay as they are. former: old id of a kata -> the one that it has now.
        """

        def work(connection: sqlite3.Connection) -> tuple[int, int]:
            n_attempts = n_marks = 0
            for attempt in other.attempts:
                row, files = _row_of(attempt, former), other.files(attempt)
                del row["files"]
                if files is not None:
                    row["digest"] = digest_of(row["kata_id"], files)
                if not _is_there(connection, "attempt", row, ("kata_id", "at_us", "digest")):
                    _insert_attempt(connection, row, files)
                    n_attempts += 1
            for mark in other.marks:
                row = _row_of(mark, former)
                if not _is_there(connection, "mark", row, ("kata_id", "kind", "level", "at_us")):
                    _insert(connection, "mark", row)
                    n_marks += 1
            for star in other.stars:
                row = _row_of(star, former)
                if not _is_there(connection, "star", row, ("kata_id", "kind")):
                    _insert(connection, "star", row)
                    n_marks += 1
            settings = [(name, former.get(value, value)) for name, value in other.settings.items()]
            connection.executemany("INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)", settings)
            return n_attempts, n_marks

        return self._run(work, writing=True)

    def rename(self, former: Mapping[str, str]) -> None:
        """Carry what happened with katas over to the ids they have now. former: old id -> new id."""

        def work(connection: sqlite3.Connection) -> None:
            # A new name is the one change to what happened; no other process can make another one meanwhile.
            names = "'attempt_no_update', 'mark_no_update', 'star_no_update'"
            sql = f"SELECT name, sql FROM sqlite_master WHERE name IN ({names})"
            guards = connection.execute(sql).fetchall()
            for name, _ in guards:
                connection.execute(f"DROP TRIGGER {name}")
            for old, new in former.items():
                _rename(connection, old, new)
            for _, sql in guards:
                connection.execute(sql)

        known = (
            "SELECT kata_id FROM attempt UNION SELECT kata_id FROM mark UNION SELECT kata_id FROM star "
            "UNION SELECT value FROM setting"
        )
        ids = self._run(lambda connection: {kata_id for (kata_id,) in connection.execute(known)})
        if ids & former.keys():
            self._run(work, writing=True)

    # --- the file ------------------------------------------------------------------------------------------------

    def _run(self, work: Callable[[sqlite3.Connection], T], *, writing: bool = False) -> T:
        """Do `work` on the database, in a transaction when it writes; replace a damaged file and do it again.

        Raises MachineError where SQLite or the system reports an error.
        """
        import sqlite3

        with self._lock:
            try:
                try:
                    if _is_lost(self.path):
                        raise sqlite3.DatabaseError("it is missing or empty, and a backup is there")
                    return self._once(work, writing)
                except sqlite3.DatabaseError as error:
                    if not _is_damage(error):
                        raise
                    self.problem = _replace_damaged(self.path, self._clock()) or self.problem
                return self._once(work, writing)
            except (sqlite3.Error, OSError) as error:
                doing = "nothing was recorded" if writing else "the progress cannot be read"
                raise MachineError(f"{doing}: {_in_words(error, self.path)}") from error

    def _once(self, work: Callable[[sqlite3.Connection], T], writing: bool) -> T:
        if not self.path.parent.is_dir():
            raise MachineError(f"there is no folder {self.path.parent} to keep the progress in. Make it: kata next")
        with closing(_connect(self.path)) as connection:
            self._bring_up_to_date(connection)
            if not writing:
                return work(connection)
            self._back_up_hourly(connection)
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                return work(connection)

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        if version > SCHEMA_VERSION:
            raise MachineError(
                f"{self.path} was written by a newer kata (schema {version}, this one knows {SCHEMA_VERSION}). It was "
                "left as it is. Update kata: pip install --upgrade kata-runner"
            )
        if version > 0:
            _back_up(connection, self.path, self._clock())
        connection.execute("PRAGMA journal_mode = DELETE")  # 0.1.0 wrote ahead, into a log beside the file
        schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
        connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;")

    def _back_up_hourly(self, connection: sqlite3.Connection) -> None:
        now, newest = self._clock(), next(iter(_backups(self.path)), None)
        if newest is not None and now < _made_at(newest) + BACKUP_EVERY:
            return
        if connection.execute("SELECT 1 FROM attempt LIMIT 1").fetchone() is not None:
            _back_up(connection, self.path, now)


def _connect(path: Path) -> sqlite3.Connection:
    import sqlite3

    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    # A verdict that was shown outlives a power cut, too.
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _is_damage(error: sqlite3.Error) -> bool:
    # Python's module raises subclasses for all else.
    import sqlite3

    return type(error) is sqlite3.DatabaseError


def _in_words(error: Exception, path: Path) -> str:
    """What an error of SQLite or the system means, and what to do now."""
    import sqlite3

    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; those above say where it happened
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"another kata command has kept {path} busy for long. Try again when it is done."
    if refusal := error if isinstance(error, OSError) else _refusal(path):
        return f"{path} cannot be opened or written ({refusal.strerror}). {remedy(refusal)}."
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return f"reading or writing {path} failed ({error}). Is the disk full or gone? Make room and try again."
    return f"{path} has an error: {error}. Check it: kata doctor"


def _refusal(path: Path) -> OSError | None:
    """Why the system lets nothing be written beside and into a file, which SQLite does not say; None where it does."""
    import tempfile

    try:
        with path.open("ab"), tempfile.TemporaryFile(dir=path.parent) as draft:
            draft.write(bytes(1 << 16))
            draft.flush()
    except OSError as error:
        return error
    return None


# --- rows -------------------------------------------------------------------------------------------------------------


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    return int(connection.execute(sql, tuple(row.values())).lastrowid or 0)


_ROW = (
    "kata_id, number, at_us, outcome, reason, n_passed, n_checks, duration_us, digest, borrowed, "
    "snapshot_id IS NOT NULL"
)
_ATTEMPT = "kata_id, at_us, day, outcome, reason, n_passed, n_checks, duration_us, borrowed, digest"
_MARK = "kata_id, kind, level, at_us, day"
_STAR = "kata_id, kind, at_us, day"
_STATE = "kata_id, n_attempts, solved_day, passed_day, n_passed_days, hints, gave_up, skipped_at_us, spent_us, stars"


def _insert_attempt(
    connection: sqlite3.Connection, row: Mapping[str, Any], files: Mapping[str, bytes] | None
) -> tuple[int, int]:
    """Add a row under the next number of its kata; returns its id and the number. files: None where they are lost."""
    sql = "SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE kata_id = ?"
    (number,) = connection.execute(sql, (row["kata_id"],)).fetchone()
    snapshot = None if files is None else _save_files(connection, row["digest"], files)
    return _insert(connection, "attempt", {**row, "number": number, "snapshot_id": snapshot}), int(number)


def _fields(columns: str, row: Sequence[Any]) -> dict[str, Any]:
    """A row of a table, as what is exported of it."""
    fields = dict(zip(columns.split(", "), row, strict=True))
    fields["at"] = _when(fields.pop("at_us"))
    return {**fields, "day": date.fromisoformat(fields["day"])}


def _row_of(record: Attempt | Mark | Star, former: Mapping[str, str]) -> dict[str, Any]:
    """What was exported, as a row of its table."""
    row = {name: getattr(record, name) for name in record.__struct_fields__}
    row["at_us"] = _microseconds(row.pop("at"))
    return {**row, "day": record.day.isoformat(), "kata_id": former.get(record.kata_id, record.kata_id)}


def _is_there(connection: sqlite3.Connection, table: str, row: Mapping[str, Any], key: Sequence[str]) -> bool:
    same = " AND ".join(f"{name} = :{name}" for name in key)
    return connection.execute(f"SELECT 1 FROM {table} WHERE {same}", row).fetchone() is not None


def _rename(connection: sqlite3.Connection, old: str, new: str) -> None:
    """Give attempts, marks and settings of the kata `old` to `new`; its numbers follow those that `new` has."""
    (n_there,) = connection.execute("SELECT coalesce(max(number), 0) FROM attempt WHERE kata_id = ?", (new,)).fetchone()
    for (row_id,) in connection.execute("SELECT id FROM attempt WHERE kata_id = ?", (old,)).fetchall():
        with suppress(MachineError):  # damaged, and so it stays
            files = _load_files(connection, row_id)
            digest = digest_of(new, files)
            sql = "UPDATE attempt SET digest = ?, snapshot_id = ? WHERE id = ?"
            connection.execute(sql, (digest, _save_files(connection, digest, files), row_id))
    sql = "UPDATE attempt SET kata_id = ?, number = number + ? WHERE kata_id = ?"
    connection.execute(sql, (new, n_there, old))
    connection.execute("UPDATE mark SET kata_id = ? WHERE kata_id = ?", (new, old))
    connection.execute("UPDATE OR IGNORE star SET kata_id = ? WHERE kata_id = ?", (new, old))  # both may have it
    connection.execute("UPDATE setting SET value = ? WHERE name = 'current' AND value = ?", (new, old))


def _when(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


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
    kata_id, n_attempts, solved_day, passed_day, n_passed_days, hints, gave_up, skipped_at_us, spent_us, stars = row
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
        frozenset((stars or "").split()),
    )


def _save_files(connection: sqlite3.Connection, digest: str, files: Mapping[str, bytes]) -> int:
    """The snapshot that holds these files, new or known."""
    import zlib

    known = connection.execute("SELECT id FROM snapshot WHERE digest = ?", (digest,)).fetchone()
    if known is not None:
        return int(known[0])
    snapshot = _insert(connection, "snapshot", {"digest": digest})
    for name, content in files.items():
        sha256 = _sha256(content)
        found = connection.execute("SELECT id FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
        blob = found[0] if found else _insert(connection, "blob", {"sha256": sha256, "data": zlib.compress(content)})
        _insert(connection, "snapshot_file", {"snapshot_id": snapshot, "name": name, "blob_id": blob})
    return snapshot


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


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

_STAMP = "%Y%m%dT%H%M%SZ"
_FILES = ("-journal", "-wal", "-shm", "")  # endings of the files that SQLite may make of one database


def _backups(path: Path) -> list[Path]:
    """The backups of a database, the newest first."""
    return sorted(path.parent.glob(f"{path.stem}-backup-*Z{path.suffix}"), reverse=True)


def _made_at(backup: Path) -> datetime:
    return datetime.fromisoformat(backup.stem.rpartition("-")[2])


def _is_lost(path: Path) -> bool:
    """Whether the file is missing or empty though it once held something; SQLite would make a new one."""
    return not (path.exists() and path.stat().st_size) and bool(_backups(path))


def _is_damaged(path: Path) -> bool:
    import sqlite3

    try:
        with closing(_connect(path)) as connection:
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError as error:
        if _is_damage(error):
            return True
        raise


def _back_up(connection: sqlite3.Connection, path: Path, now: datetime) -> None:
    """Copy the open database into a file beside it and keep the newest copies.

    A refusal of the system costs the backup and nothing else. Raises sqlite3.DatabaseError when the copy is damaged,
    before it takes the place of a good one.
    """
    import sqlite3

    target = path.with_name(f"{path.stem}-backup-{now.astimezone(UTC).strftime(_STAMP)}{path.suffix}")
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    with suppress(OSError, sqlite3.OperationalError):
        try:
            with connection, closing(_connect(draft)) as copy:
                connection.execute("BEGIN")
                # Takes the lock or gives up in time; `backup` would wait for it without end.
                connection.execute("PRAGMA user_version").fetchone()
                connection.backup(copy)
            if _is_damaged(draft):
                raise sqlite3.DatabaseError("its backup is damaged")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        for old in _backups(path)[N_BACKUPS:]:
            old.unlink()


def _replace_damaged(path: Path, now: datetime) -> str:
    """Set a damaged database aside, put the newest good backup in its place, and return what the learner should read.

    Returns "" when another process has done it already. Whenever this is cut short, running it again completes it: a
    missing file is replaced like a damaged one. Raises MachineError when the folder does not allow it.
    """
    if not _is_lost(path) and not _is_damaged(path):
        return ""
    aside = path.with_name(f"{path.stem}.damaged-{now.astimezone(UTC).strftime(_STAMP)}{path.suffix}")
    backup = next((backup for backup in _backups(path) if not _is_damaged(backup)), None)
    try:
        # The journal first: one left behind would be played into the new database.
        for ending in _FILES:
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        if backup is not None:
            replace(path, backup.read_bytes())
    except OSError as error:
        raise MachineError(f"{path} is damaged and could not be set aside ({error}). {remedy(error)}.") from error
    what = f"was damaged and is set aside as {aside.name}" if aside.exists() else "was missing"
    if backup is None:
        then = "there is no backup of it, so the history starts empty"
    else:
        then = (
            f"the backup of {_made_at(backup).astimezone():%Y-%m-%d %H:%M} took its place, without the attempts since"
        )
    return f"the progress database {what}; {then}; your code is in the workspace as you left it."
