"""What was recorded is there, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from kata_runner.errors import MachineError, UsageError
from kata_runner.learner import store as progress
from kata_runner.learner.store import MIGRATIONS, History, KataState, Migration, Store, open_store
from kata_runner.learner.workspace import digest_of
from kata_runner.model import Attempt, CheckResult, Outcome, Recorded, Status, Submission, Verdict

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PACKAGE = Path(progress.__file__).parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals, limits and users of POSIX")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "progress.sqlite3"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    with open_store(path, clock=clock) as opened:
        yield opened


def code(kata_id: str, text: str | bytes = "x = 1\n", **more: bytes) -> Submission:
    files = {"norm.py": text.encode() if isinstance(text, str) else text, **more}
    return Submission(kata_id, Path("anywhere"), files, digest_of(kata_id, files))


def verdict(kata_id: str, outcome: Outcome = Outcome.PASSED, n_passed: int = 2, n_checks: int = 2) -> Verdict:
    checks = [CheckResult(f"c{i}", "r", Status.PASSED if i < n_passed else Status.FAILED) for i in range(n_checks)]
    return Verdict(kata_id, outcome, tuple(checks), duration_s=0.25)


def record(store: Store, kata_id: str, outcome: Outcome = Outcome.PASSED, text: str = "x = 1\n") -> Recorded:
    return store.record(verdict(kata_id, outcome), code(kata_id, text))


def fill(path: Path, n: int = 200) -> None:
    """A database whose attempts stand on many pages."""
    with open_store(path) as store:
        store.set_setting("track", "roadmap")
        store.take_hint("p1", 2)
        for i in range(n):
            record(store, "p1", Outcome.FAILED, f"x = {i}\n{random.Random(i).randbytes(300).hex()}\n")


# --- attempts ----------------------------------------------------------------------------------------------------


def test_an_attempt_comes_back_as_it_was(store: Store) -> None:
    submission = code("p1", b"\x00\xff\r\n", **{"sub/é.txt": b""})

    recorded = store.record(verdict("p1", Outcome.FAILED, 1, 3), submission)

    assert recorded == Recorded(first_solve=False, n_attempts=1)
    assert store.files("p1", 1) == dict(submission.files)
    assert store.last_attempt("p1") == Attempt("p1", 1, START, Outcome.FAILED, 1, 3, 0.25, submission.digest)


def test_only_the_first_pass_is_the_first_solve(store: Store, clock: Clock) -> None:
    outcomes = [Outcome.TODO, Outcome.PASSED, Outcome.BROKE, Outcome.PASSED]

    recorded = []
    for outcome in outcomes:
        recorded.append(record(store, "p1", outcome))
        clock.move(minutes=1)

    assert recorded == [Recorded(False, 1), Recorded(True, 2), Recorded(False, 3), Recorded(False, 4)]
    assert store.solved() == {"p1": START + timedelta(minutes=1)}


@pytest.mark.parametrize("outcome", [Outcome.FAULT, Outcome.MISSING])
def test_what_says_nothing_about_the_code_is_never_recorded(store: Store, outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="never record"):
        record(store, "p1", outcome)

    assert store.attempts("p1") == ()


def test_history_counts_from_one_in_each_kata(store: Store) -> None:
    for kata_id in ("p1", "p2", "p1"):
        record(store, kata_id, Outcome.FAILED)
    store.keep(code("p1", "half done"), "reset")

    rows = store.attempts("p1")

    assert [(r.number, r.outcome, r.reason) for r in rows] == [
        (1, Outcome.FAILED, ""),
        (2, Outcome.FAILED, ""),
        (3, None, "reset"),
    ]
    assert store.attempts("p1", last=1) == rows[-1:]
    assert [r.number for r in store.attempts("p2")] == [1]


def test_code_is_kept_once_before_it_is_replaced(store: Store) -> None:
    record(store, "p1", Outcome.FAILED, "judged")

    assert store.keep(code("p1", "judged"), "reset") is None
    assert store.keep(code("p1", "new"), "reset") == 2
    assert store.keep(code("p1", "new"), "restore") is None
    assert store.keep(Submission("p1", Path(), {}, ""), "reset") is None
    assert store.files("p1", 2) == {"norm.py": b"new"}
    assert Recorded(False, 2) == record(store, "p1", Outcome.FAILED), "kept code is no attempt"


def test_the_last_verdict_is_not_hidden_by_kept_code(store: Store) -> None:
    assert store.last_attempt("p1") is None
    assert store.last_attempt_anywhere() is None
    record(store, "p1", Outcome.FAILED)
    record(store, "p2", Outcome.PASSED)
    store.keep(code("p2", "other"), "reset")

    last, anywhere = store.last_attempt("p1"), store.last_attempt_anywhere()

    assert last is not None
    assert (last.kata_id, last.outcome) == ("p1", Outcome.FAILED)
    assert anywhere is not None
    assert (anywhere.kata_id, anywhere.outcome) == ("p2", Outcome.PASSED)


def test_katas_build_on_the_latest_code_that_passed(store: Store) -> None:
    assert store.passing_files("p1") is None
    for outcome, text in ((Outcome.PASSED, "first"), (Outcome.PASSED, "second"), (Outcome.FAILED, "broken")):
        record(store, "p1", outcome, text)

    assert store.passing_files("p1") == {"norm.py": b"second"}


def test_an_attempt_that_is_not_there_names_those_that_are(store: Store) -> None:
    with pytest.raises(UsageError, match="p1 has no attempts yet"):
        store.files("p1", 1)
    record(store, "p1")
    with pytest.raises(UsageError, match="no attempt 0; it has only attempt 1"):
        store.files("p1", 0)
    record(store, "p1")
    with pytest.raises(UsageError, match=f"no attempt {10**30}; it has attempts 1 to 2"):
        store.files("p1", 10**30)


def test_the_same_content_is_stored_once(store: Store, path: Path) -> None:
    big = random.Random(1).randbytes(50_000)
    for i in range(20):
        store.record(verdict("p1", Outcome.FAILED), code("p1", f"{i}", **{"data.bin": big}))

    store.close()

    assert path.stat().st_size < 250_000
    assert store.files("p1", 7) == {"norm.py": b"6", "data.bin": big}


@pytest.mark.parametrize("table", ["attempt", "snapshot", "snapshot_file", "blob", "mark"])
def test_what_happened_can_neither_be_changed_nor_deleted(store: Store, path: Path, table: str) -> None:
    record(store, "p1")
    store.take_hint("p1", 1)
    with closing(sqlite3.connect(path)) as other:
        column = other.execute(f"PRAGMA table_info({table})").fetchone()[1]

        for sql in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                other.execute(sql)


# --- counts ------------------------------------------------------------------------------------------------------


def test_a_history_without_anything_is_blank(store: Store) -> None:
    blank = store.summary()

    assert dict(blank.katas) == {}
    assert (blank.n_attempts, blank.n_hints, blank.time_spent_s) == (0, 0, 0.0)
    assert blank.state("p1") == KataState("p1") == History().state("p1")
    assert not blank.state("p1").is_solved


def test_the_summary_tells_what_happened_with_each_kata(store: Store, clock: Clock) -> None:
    record(store, "p1", Outcome.FAILED)
    clock.move(minutes=4)
    store.record(verdict("p1"), code("p1"), borrowed=["p21", "p22"])
    clock.move(days=1)
    record(store, "p1")
    store.take_hint("p2", 2)
    store.give_up("p2")
    store.skip("p3")

    history = store.summary()

    p1, p2, p3 = (history.state(k) for k in ("p1", "p2", "p3"))
    assert (p1.n_attempts, p1.solved_at, p1.last_outcome) == (3, START + timedelta(minutes=4), Outcome.PASSED)
    assert (p1.solved_day, p1.passed_day, p1.n_passed_days) == (date(2026, 3, 2), date(2026, 3, 3), 2)
    assert p1.is_borrowed
    assert (p2.hints, p2.gave_up, p2.n_attempts, p2.is_solved) == (2, True, 0, False)
    assert p3.skipped_at == clock.now
    assert history.passed_days == {date(2026, 3, 2), date(2026, 3, 3)}
    assert history.n_solved_by_day == {date(2026, 3, 2): 1}
    assert (history.n_attempts, history.n_hints) == (3, 2)
    assert store.attempts("p1")[1].borrowed == ("p21", "p22")


def test_time_spent_counts_no_gap_for_more_than_ten_minutes(store: Store, clock: Clock) -> None:
    for kata_id, gap in (("p1", {}), ("p1", {"minutes": 3}), ("p2", {"hours": 5}), ("p2", {"seconds": -90})):
        clock.move(**gap)
        record(store, kata_id, Outcome.FAILED)

    history = store.summary()

    assert history.state("p1").time_spent_s == 180
    assert history.state("p2").time_spent_s == 600
    assert history.time_spent_s == 780


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set here")
def test_times_are_utc_and_days_the_learners(
    store: Store, clock: Clock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "XXX-9")  # nine hours east
    time.tzset()
    try:
        clock.now = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
        record(store, "p1")
    finally:
        monkeypatch.undo()
        time.tzset()

    state = store.summary().state("p1")

    assert state.solved_at == clock.now
    assert state.solved_day == date(2026, 3, 3)


def test_counts_agree_with_the_attempts_they_were_counted_from(store: Store, clock: Clock, path: Path) -> None:
    chance = random.Random(7)
    outcomes = [Outcome.PASSED, Outcome.FAILED, Outcome.BROKE, Outcome.TODO, Outcome.RULE]
    for _ in range(300):
        clock.move(seconds=chance.choice([5, 300, 900, 40_000]))
        kata_id = f"p{chance.randrange(6)}"
        if chance.random() < 0.1:
            store.keep(code(kata_id, f"{chance.random()}"), "reset")
        else:
            record(store, kata_id, chance.choice(outcomes))

    rows = sorted((r for i in range(6) for r in store.attempts(f"p{i}")), key=lambda r: r.at)
    spent = dict.fromkeys((f"p{i}" for i in range(6)), 0.0)
    for before, row in pairwise(rows):
        spent[row.kata_id] += min(600.0, (row.at - before.at).total_seconds())
    history = store.summary()
    for kata_id in spent:
        judged = [r for r in rows if r.kata_id == kata_id and r.outcome]
        passed = [r for r in judged if r.outcome is Outcome.PASSED]
        state = history.state(kata_id)
        assert (state.n_attempts, state.last_at) == (len(judged), judged[-1].at)
        assert (state.solved_at, state.time_spent_s) == (passed[0].at, spent[kata_id])
        assert state.n_passed_days == len({r.at.astimezone().date() for r in passed})
    assert history.n_attempts == sum(r.outcome is not None for r in rows)
    assert sum(history.n_solved_by_day.values()) == 6


@pytest.mark.slow
def test_thirty_times_the_attempts_cost_a_summary_no_more(tmp_path: Path) -> None:
    """Counted in steps of SQLite's machine, which no busy neighbour can lengthen."""
    steps = {n: _steps_of_summary(tmp_path / f"{n}.sqlite3", n) for n in (1_000, 30_000)}

    assert steps[30_000] <= 1.1 * steps[1_000]


def _steps_of_summary(path: Path, n_attempts: int) -> int:
    open_store(path).close()
    rows = ((f"k{i % 500}", i // 500 + 1, i * 10**6, "passed" if i % 3 else "failed") for i in range(n_attempts))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        sql = "INSERT INTO attempt (kata_id, number, at_us, day, outcome, digest) VALUES (?, ?, ?, '2026-03-02', ?, '')"
        connection.executemany(sql, rows)
    n_steps = 0

    def count() -> None:
        nonlocal n_steps
        n_steps += 1

    with open_store(path) as store:
        store.summary()
        assert store._connection is not None
        store._connection.set_progress_handler(count, 100)
        history = store.summary()
        store.last_attempt_anywhere()
        store.attempts("k7", last=10)
        store.solved()
        store._connection.set_progress_handler(None, 0)
    assert history.n_attempts == n_attempts
    return n_steps


# --- marks and settings ------------------------------------------------------------------------------------------


def test_hints_remember_the_highest_level(store: Store) -> None:
    assert store.hints_taken("p1") == 0
    for level in (1, 3, 2):
        store.take_hint("p1", level)

    assert store.hints_taken("p1") == 3


def test_giving_up_is_remembered(store: Store) -> None:
    assert not store.gave_up("p1")
    store.give_up("p1")
    store.give_up("p1")

    assert store.gave_up("p1")


def test_a_skipped_kata_can_be_taken_up_or_solved(store: Store) -> None:
    for kata_id in ("p1", "p2", "p3"):
        store.skip(kata_id)
    store.unskip("p1")
    store.unskip("p9")
    record(store, "p2")

    assert store.skipped() == {"p3"}


def test_settings_outlive_the_process(path: Path) -> None:
    with open_store(path) as store:
        assert store.setting("track", "journey") == "journey"
        store.set_setting("track", "roadmap")
        store.set_setting("track", "problems")

    with open_store(path) as store:
        assert store.setting("track", "journey") == "problems"


# --- schema ------------------------------------------------------------------------------------------------------


def test_the_schema_and_its_record_agree(store: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("SELECT version, name FROM migration").fetchall() == [
            (n, step.name) for n, step in enumerate(MIGRATIONS, 1)
        ]


def test_a_step_that_fails_leaves_neither_itself_nor_a_record(store: Store, path: Path, clock: Clock) -> None:
    record(store, "p1")
    steps = (*MIGRATIONS, Migration("halfway", ("CREATE TABLE extra (a)", "CREATE TABLE extra (a)")))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            progress.migrate(connection, steps, clock)

        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'extra'").fetchone() == (0,)
        assert connection.execute("SELECT max(version) FROM migration").fetchone() == (len(MIGRATIONS),)
    assert len(store.attempts("p1")) == 1


def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    fill(path, 3)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 6}")
    before = path.read_bytes()

    with pytest.raises(MachineError, match=rf"newer kata \(schema {len(MIGRATIONS) + 6}, .*left as it is.*Update kata"):
        open_store(path)

    assert path.read_bytes() == before
    assert [path.name] == [p.name for p in path.parent.iterdir()]


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()

    with pytest.raises(MachineError, match="another program"):
        open_store(path)

    assert path.read_bytes() == before


def test_importing_the_module_does_not_load_sqlite() -> None:
    program = "import sys, kata_runner.learner.store, kata_runner.learner.plan; sys.exit('sqlite3' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=PACKAGE, timeout=60, check=False).returncode == 0


# --- several processes, and sudden ends --------------------------------------------------------------------------

WRITER = """
import random, sys
from pathlib import Path
from kata_runner.model import Outcome, Submission, Verdict
from kata_runner.learner.store import open_store

path, name, n, vfs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
with open_store(path, vfs=vfs) as store:
    for i in range(n):
        files = {"norm.py": f"{name} {i} {random.random()}".encode() * 20}
        outcome = Outcome.PASSED if i % 3 else Outcome.FAILED
        recorded = store.record(Verdict(name, outcome), Submission(name, path, files, ""))
        print(recorded.n_attempts, flush=True)
"""


def start_writer(path: Path, name: str, n: int = 100_000, vfs: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(n), vfs]
    return subprocess.Popen(command, cwd=PACKAGE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("vfs", ["", pytest.param("unix-dotfile", marks=posix)])
def test_two_processes_at_once_lose_nothing(path: Path, vfs: str) -> None:
    """The second way of locking has no shared memory, so that the log cannot be used."""
    writers = [
        start_writer(path, "same", 40, vfs),
        start_writer(path, "same", 40, vfs),
        start_writer(path, "p3", 40, vfs),
    ]
    done = [writer.communicate(timeout=120) for writer in writers]

    assert [err for _, err in done] == ["", "", ""]
    with open_store(path, vfs=vfs) as store:
        assert list(range(1, 81)) == [row.number for row in store.attempts("same")]
        assert store.summary().n_attempts == 120
        assert {int(n) for out, _ in done[:2] for n in out.split()} == set(range(1, 81))
        assert store.check() == ""
    with closing(sqlite3.connect(path)) as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchone()
    assert mode == (("delete",) if vfs else ("wal",))


@posix
@pytest.mark.slow
def test_whatever_moment_it_is_killed_at_all_that_was_shown_is_there(path: Path) -> None:
    chance = random.Random(3)
    shown = {"p1": 0, "p2": 0}
    for _ in range(6):
        writers = {name: start_writer(path, name) for name in shown}
        try:
            shown["p1"] = _wait_for_a_line(writers["p1"])
            time.sleep(chance.random() * 0.15)
        finally:
            for writer in writers.values():
                writer.kill()
        for name, writer in writers.items():
            out, err = writer.communicate(timeout=60)
            assert err == ""
            # A line that was cut is one that nobody has read.
            whole = [int(line) for line in out.splitlines(keepends=True) if line.endswith("\n")]
            shown[name] = max([shown[name], *whole])
        with open_store(path) as store:
            assert store.problem == ""
            assert store.check() == ""
            for name, n_shown in shown.items():
                rows = store.attempts(name)
                assert len(rows) >= n_shown
                assert list(range(1, len(rows) + 1)) == [row.number for row in rows]
                assert store.summary().state(name).n_attempts == len(rows)
                for row in rows[-3:]:
                    assert store.files(name, row.number)["norm.py"].startswith(name.encode())
    assert min(shown.values()) >= 1


def _wait_for_a_line(writer: subprocess.Popen[str]) -> int:
    assert writer.stdout is not None
    return int(writer.stdout.readline())


@posix
@pytest.mark.slow
def test_killed_while_it_is_made_it_can_be_made_again(tmp_path: Path) -> None:
    chance = random.Random(5)
    for n in range(8):
        path = tmp_path / f"{n}.sqlite3"
        writer = start_writer(path, "p1")
        deadline = time.monotonic() + 60
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(chance.random() * 0.01)
        writer.kill()
        writer.communicate(timeout=60)

        with open_store(path) as store:
            assert store.problem == ""
            n_before = len(store.attempts("p1"))
            assert record(store, "p1").n_attempts == n_before + 1
            assert store.check() == ""


@pytest.mark.slow
def test_several_processes_may_make_it_at_the_same_time(tmp_path: Path) -> None:
    for n in range(4):
        writers = [start_writer(tmp_path / f"{n}.sqlite3", f"p{i}", 2) for i in range(4)]

        assert [writer.communicate(timeout=120) for writer in writers] == [("1\n2\n", "")] * 4


def test_threads_may_share_a_store(store: Store) -> None:
    threads = [threading.Thread(target=lambda: [record(store, "p1", text=f"{i}") for i in range(15)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(range(1, 61)) == [row.number for row in store.attempts("p1")]


def test_a_process_that_holds_the_database_is_named_in_the_end(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_BUSY_S", 0.2)
    record(store, "p1")
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(MachineError, match=r"nothing was recorded: another kata command .*Try again"):
            record(store, "p1")
        other.execute("ROLLBACK")

    assert record(store, "p1").n_attempts == 2


# --- a machine that refuses --------------------------------------------------------------------------------------


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="kata-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def as_plain_user(program: str, *args: str, limit_file_bytes: int = 0) -> str:
    """What a program prints that runs without root's right to write everywhere."""
    lines = ["import os, sys, resource", f"sys.path.insert(0, {str(PACKAGE)!r})", PRELUDE]
    if limit_file_bytes:
        lines.append(f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_file_bytes}, {limit_file_bytes}))")
        lines.append("import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)")
    else:
        lines.append("if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)")
    source = "\n".join([*lines, textwrap.dedent(program)])
    done = subprocess.run(
        [sys.executable, "-c", source, *args], capture_output=True, text=True, timeout=120, cwd="/", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PRELUDE = """
from pathlib import Path
# All that is imported late: a plain user may not be allowed to read the folder of this Python.
import hashlib, random, shutil, sqlite3, tempfile, urllib.parse, urllib.request, zlib
from kata_runner.errors import MachineError
from kata_runner.model import Outcome, Submission, Verdict
from kata_runner.learner.store import open_store
path = Path(sys.argv[1])

def put(store, content=b"x = 1"):
    try:
        return store.record(Verdict("p1", Outcome.FAILED), Submission("p1", path, {"norm.py": content}, ""))
    except MachineError as error:
        print(error)
"""


@posix
@pytest.mark.parametrize("is_in_use", [False, True])
def test_a_read_only_folder_can_be_read_and_says_why_it_cannot_be_written(open_folder: Path, is_in_use: bool) -> None:
    path = open_folder / "progress.sqlite3"
    fill(path, 5)
    other = open_store(path)
    if is_in_use:
        record(other, "p2")  # stands in the log alone until the last one closes
    else:
        other.close()
    for file in open_folder.iterdir():
        file.chmod(0o444)
    open_folder.chmod(0o555)

    out = as_plain_user(
        """
        with open_store(path) as store:
            put(store)
            print(len(store.attempts("p1")), len(store.files("p1", 5)), store.summary().n_attempts)
            put(store)
        """,
        str(path),
    ).splitlines()
    other.close()

    assert len(out) == 3
    assert out[0] == out[2]
    assert "cannot be written. Make the folder writable, or name another workspace" in out[0]
    assert out[1] == ("5 1 6" if is_in_use else "5 1 5")


@posix
def test_a_folder_where_nothing_can_be_made_says_so(open_folder: Path) -> None:
    open_folder.chmod(0o555)

    out = as_plain_user(
        """
        try:
            open_store(path)
        except MachineError as error:
            print(error)
        """,
        str(open_folder / "progress.sqlite3"),
    )

    assert "progress.sqlite3 cannot be made" in out
    assert "Make the folder writable" in out


def test_without_its_folder_it_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"there is no folder .*gone.*kata next"):
        open_store(tmp_path / "gone" / "progress.sqlite3")


def test_it_goes_on_in_a_folder_that_was_away(store: Store, path: Path, tmp_path: Path) -> None:
    record(store, "p1")
    away = tmp_path.with_name("away")
    tmp_path.rename(away)

    with pytest.raises(MachineError, match="there is no folder"):
        record(store, "p1")
    away.rename(tmp_path)

    assert record(store, "p1").n_attempts == 2


def _noise(seed: int) -> str:
    return random.Random(seed).randbytes(9000).hex()


GROW = """
with open_store(path) as store:
    n_recorded = 0
    for i in range(400):
        if put(store, random.Random(i).randbytes(9000)) is None:
            break
        n_recorded += 1
    print(n_recorded, len(store.attempts("p1")), len(store.files("p1", n_recorded)["norm.py"]))
"""


@posix
def test_where_the_file_may_not_grow_nothing_recorded_is_lost(path: Path) -> None:
    out = as_plain_user(GROW, str(path), limit_file_bytes=600_000).splitlines()

    assert out[0].startswith("nothing was recorded: ")
    assert "Make room and try again" in out[0]
    n_recorded, n_there, size = map(int, out[1].split())
    assert n_recorded == n_there > 5
    assert size == 9000
    with open_store(path) as store:
        assert len(store.attempts("p1")) == n_recorded
        assert store.check() == ""
        assert record(store, "p1").n_attempts == n_recorded + 1


@posix
def test_on_a_full_disk_nothing_recorded_is_lost_and_it_goes_on_with_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here (not root)")
    try:
        path = disk / "progress.sqlite3"
        ballast = disk / "ballast"
        ballast.write_bytes(b"0" * 200_000)
        with open_store(path) as store:
            recorded: list[Recorded] = []
            with pytest.raises(MachineError, match=r"nothing was recorded: .*Make room and try again"):
                recorded.extend(record(store, "p1", Outcome.FAILED, _noise(i)) for i in range(400))

            n_recorded = len(recorded)
            assert n_recorded > 5
            assert len(store.attempts("p1")) == n_recorded
            assert store.summary().n_attempts == n_recorded
            ballast.unlink()
            assert record(store, "p1").n_attempts == n_recorded + 1
            assert store.check() == ""
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


# --- damage ------------------------------------------------------------------------------------------------------


def aside_of(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir() if ".damaged-" in p.name)


def test_a_file_that_is_no_database_is_set_aside(path: Path, clock: Clock) -> None:
    path.write_bytes(b"not a database at all\n" * 500)
    before = path.read_bytes()

    with open_store(path, clock=clock) as store:
        assert "was damaged. It was set aside as progress.damaged-20260302T120000Z.sqlite3" in store.problem
        assert "no attempts were recovered" in store.problem
        assert record(store, "p1").n_attempts == 1

    assert aside_of(path) == ["progress.damaged-20260302T120000Z.sqlite3"]
    assert (path.parent / aside_of(path)[0]).read_bytes() == before
    with open_store(path) as store:
        assert store.problem == ""


def test_a_file_whose_beginning_is_gone_gives_back_its_attempts(path: Path) -> None:
    fill(path, 120)
    content = bytearray(path.read_bytes())
    content[:4096] = random.Random(1).randbytes(4096)
    path.write_bytes(content)

    with open_store(path) as store:
        assert "120 attempts were recovered" in store.problem
        assert list(range(1, 121)) == [row.number for row in store.attempts("p1")]
        assert store.files("p1", 77)["norm.py"].startswith(b"x = 76\n")
        assert (store.setting("track"), store.hints_taken("p1")) == ("roadmap", 2)
        assert store.check() == ""
    assert (path.parent / aside_of(path)[0]).read_bytes() == content


def test_a_file_cut_in_half_gives_back_what_is_left(path: Path) -> None:
    fill(path)
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.truncate(size // 2)

    with open_store(path) as store:
        rows = store.attempts("p1")
        assert f"{len(rows)} attempts were recovered" in store.problem
        assert len(rows) > 20
        assert store.setting("track") == "roadmap"
        assert any(row.is_kept for row in rows)
        assert store.check() == ""
    assert (path.parent / aside_of(path)[0]).stat().st_size == size // 2


@pytest.mark.parametrize("seed", range(4))
def test_damaged_pages_cost_no_more_than_what_stood_on_them(path: Path, seed: int) -> None:
    """Eight pages are overwritten; the code that is given back is right to the byte, or said to be lost."""
    n = 300
    fill(path, n)
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for page in chance.sample(range(1, len(content) // 4096), 8):
        content[page * 4096 : (page + 1) * 4096] = chance.randbytes(4096)
    path.write_bytes(content)

    with open_store(path) as store:
        # Damage that is in nobody's way is not met; whoever reads on meets it.
        for number in range(1, n + 1):
            with suppress(MachineError, UsageError):
                store.files("p1", number)
        rows = store.attempts("p1")
        if not store.problem:
            assert len(rows) == n
            return
        assert store.check() == ""
        assert store.summary().n_attempts == len(rows)
        kept = [row for row in rows if row.is_kept]
        for row in kept:
            assert store.files("p1", row.number)["norm.py"].startswith(b"x = %d\n" % (row.number - 1))
        for row in set(rows) - set(kept):
            with pytest.raises(MachineError, match="lost to damage"):
                store.files("p1", row.number)
    assert len(rows) > n // 2


@pytest.mark.parametrize("table", ["attempt", "mark", "sqlite_master"])
def test_a_table_that_no_way_leads_into_any_more_is_recovered_leaf_by_leaf(path: Path, table: str) -> None:
    fill(path, 300)
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        root = (connection.execute(sql, (table,)).fetchone() or (1,))[0]
        is_parted = path.read_bytes()[(root - 1) * 4096 + (100 if root == 1 else 0)] == 5
    with path.open("rb+") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xee" * 4096)

    with open_store(path) as store:
        store.attempts("p1")
        store.give_up("p1")

        assert "300 attempts were recovered" in store.problem
        assert [row.number for row in store.attempts("p1")] == list(range(1, 301))
        assert all(row.is_kept for row in store.attempts("p1"))
        assert store.files("p1", 9)["norm.py"].startswith(b"x = 8\n")
        assert store.hints_taken("p1") == (2 if is_parted else 0), "what stood on the page itself is gone"
        assert store.check() == ""


def test_damage_met_while_recording_still_records(path: Path) -> None:
    fill(path, 60)
    with open_store(path) as store:
        assert store._connection is not None
        names = ("attempt", "sqlite_autoindex_attempt_1", "standing")
        roots = [
            store._connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            for name in names
        ]
    with path.open("rb+") as file:
        for root in roots:
            file.seek((root - 1) * 4096)
            file.write(b"\xee" * 4096)

    with open_store(path) as store:
        record(store, "p1", text="after the damage")

        assert "was damaged" in store.problem
        assert store.passing_files("p1") == {"norm.py": b"after the damage"}
        assert store.check() == ""


@posix
def test_a_log_whose_file_was_emptied_gives_back_its_attempts(path: Path) -> None:
    writer = start_writer(path, "p1")
    n_shown = _wait_for_a_line(writer)
    writer.send_signal(signal.SIGKILL)
    assert writer.communicate(timeout=60)[1] == ""
    path.write_bytes(b"")

    with open_store(path) as store:
        assert "was damaged" in store.problem
        assert len(store.attempts("p1")) >= n_shown
        assert store.check() == ""
    assert any(name.endswith("-wal") for name in aside_of(path))


def test_a_recovery_that_was_cut_short_is_completed(path: Path, clock: Clock) -> None:
    fill(path, 30)
    shutil.copyfile(path, path.with_name("progress.recovered.sqlite3"))
    path.write_bytes(b"the damaged one, not yet renamed")

    with open_store(path, clock=clock) as store:
        assert "30 attempts were recovered" in store.problem
        assert len(store.attempts("p1")) == 30
    assert (path.parent / aside_of(path)[0]).read_bytes() == b"the damaged one, not yet renamed"
    assert not path.with_name("progress.recovered.sqlite3").exists()


def test_two_that_meet_the_same_damage_mend_it_once(path: Path) -> None:
    fill(path, 30)
    content = path.read_bytes()
    path.write_bytes(b"\xee" * 4096 + content[4096:])
    writers = [start_writer(path, name, 5) for name in ("p2", "p3", "p4")]
    done = [writer.communicate(timeout=120) for writer in writers]

    assert [err for _, err in done] == ["", "", ""]
    assert len(aside_of(path)) == 1
    with open_store(path) as store:
        assert [len(store.attempts(f"p{n}")) for n in (1, 2, 3, 4)] == [30, 5, 5, 5]


def test_set_aside_files_of_one_second_do_not_replace_each_other(path: Path, clock: Clock) -> None:
    for content in (b"one" * 99, b"two" * 99):
        path.write_bytes(content)
        open_store(path, clock=clock).close()

    assert [(path.parent / name).read_bytes() for name in aside_of(path)] == [b"two" * 99, b"one" * 99]


@posix
def test_a_damaged_file_that_cannot_be_set_aside_is_said_to_be(open_folder: Path) -> None:
    path = open_folder / "progress.sqlite3"
    path.write_bytes(b"nonsense" * 1000)
    open_folder.chmod(0o555)

    out = as_plain_user(
        """
        try:
            open_store(path)
        except MachineError as error:
            print(error)
        """,
        str(path),
    )

    assert "could not be set aside" in out
    assert [path] == list(open_folder.iterdir())


def test_files_are_read_back_whole_or_not_at_all(path: Path) -> None:
    fill(path, 3)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER blob_no_update")
        connection.execute("UPDATE blob SET data = x'00'")

    with open_store(path) as store, pytest.raises(MachineError, match="code of attempt 2 at p1 was lost to damage"):
        store.files("p1", 2)


def test_a_name_that_leads_out_of_the_folder_is_never_handed_on(path: Path) -> None:
    fill(path, 1)
    files = {"../../evil.py": b"x"}
    with open_store(path) as store:
        store.record(verdict("p9"), Submission("p9", Path(), files, ""))

        with pytest.raises(MachineError):
            store.files("p9", 1)
