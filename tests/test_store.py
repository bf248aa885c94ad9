"""What was recorded is there, whatever happens to the process or the disk; a damaged file costs an hour at most."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from kata_runner.errors import MachineError, UsageError
from kata_runner.learner import store as store_module
from kata_runner.learner.store import SCHEMA_VERSION, History, KataState, Store, open_store
from kata_runner.learner.workspace import digest_of
from kata_runner.model import CheckResult, HistoryRow, Outcome, Recorded, Status, Submission, Verdict

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ROOT = Path(store_module.__file__).parents[2]
MEMORY = Path("/dev/shm")
OF_0_1_0 = Path(__file__).with_name("progress_0_1_0.sql")
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
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where the system has such a folder: each write waits for the disk, which others may keep busy."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="kata-test-", dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "progress.sqlite3"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(path: Path, clock: Clock) -> Store:
    return open_store(path, clock=clock)


def code(kata_id: str, text: str | bytes = "x = 1\n", **more: bytes) -> Submission:
    files = {"norm.py": text.encode() if isinstance(text, str) else text, **more}
    return Submission(kata_id, Path("anywhere"), files, digest_of(kata_id, files))


def verdict(kata_id: str, outcome: Outcome = Outcome.PASSED, n_passed: int = 2, n_checks: int = 2) -> Verdict:
    checks = [CheckResult(f"c{i}", "r", Status.PASSED if i < n_passed else Status.FAILED) for i in range(n_checks)]
    return Verdict(kata_id, outcome, tuple(checks), duration_s=0.25)


def record(store: Store, kata_id: str, outcome: Outcome = Outcome.PASSED, text: str = "x = 1\n") -> Recorded:
    return store.record(verdict(kata_id, outcome), code(kata_id, text))


def fill(path: Path, n: int = 8) -> None:
    """A database with a few attempts, a hint and a setting; its backup holds the first attempt."""
    store = open_store(path, clock=Clock())
    store.set_setting("track", "roadmap")
    store.take_hint("p1", 2)
    for i in range(n):
        record(store, "p1", Outcome.FAILED, f"x = {i}\n")


def is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


# --- attempts ----------------------------------------------------------------------------------------------------


def test_an_attempt_comes_back_as_it_was(store: Store) -> None:
    submission = code("p1", b"\x00\xff\r\n", **{"sub/é.txt": b""})

    recorded = store.record(verdict("p1", Outcome.FAILED, 1, 3), submission)

    assert recorded == Recorded(first_solve=False, n_attempts=1)
    assert store.files("p1", 1) == dict(submission.files)
    assert store.last_attempt("p1") == HistoryRow("p1", 1, START, Outcome.FAILED, "", 1, 3, 0.25, submission.digest)


def test_only_the_first_pass_is_the_first_solve(store: Store, clock: Clock) -> None:
    outcomes = [Outcome.TODO, Outcome.PASSED, Outcome.BROKE, Outcome.PASSED]

    recorded = []
    for i, outcome in enumerate(outcomes):
        recorded.append(record(store, "p1", outcome, f"x = {i}\n"))
        clock.move(minutes=1)

    assert recorded == [Recorded(False, 1), Recorded(True, 2), Recorded(False, 3), Recorded(False, 4)]
    assert store.summary().state("p1").is_solved


def test_an_answer_counts_once_however_often_it_was_saved(store: Store) -> None:
    for text in ("a", "a", "b", "a"):
        record(store, "p1", Outcome.FAILED, text)

    assert record(store, "p1", Outcome.PASSED, "b") == Recorded(True, 2)
    assert store.summary().state("p1").n_attempts == store.summary().n_attempts == 2


@pytest.mark.parametrize("outcome", [Outcome.FAULT, Outcome.MISSING])
def test_what_says_nothing_about_the_code_is_never_recorded(store: Store, outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="never record"):
        record(store, "p1", outcome)

    assert store.attempts("p1") == ()


def test_of_two_watches_one_records_a_save(store: Store, path: Path, clock: Clock) -> None:
    other, check = open_store(path, clock=clock), open_store(path, clock=clock)
    saves = [(Outcome.FAILED, "a"), (Outcome.FAILED, "b"), (Outcome.FAILED, "a"), (Outcome.PASSED, "a")]
    for outcome, text in saves[:3]:
        store.record(verdict("p1", outcome), code("p1", text), is_watch=True)
        clock.move(seconds=1)
    for outcome, text in saves:
        other.record(verdict("p1", outcome), code("p1", text), is_watch=True)
        clock.move(seconds=1)
    late = store.record(verdict("p1"), code("p1", "a"), is_watch=True)

    assert [(row.outcome, store.files("p1", row.number)["norm.py"].decode()) for row in store.attempts("p1")] == saves
    assert late == Recorded(first_solve=True, n_attempts=2)
    record(check, "p1", text="a")
    assert len(store.attempts("p1")) == 5, "a check is an attempt of its own"
    clock.move(minutes=1)
    other.record(verdict("p1"), code("p1", "a"), is_watch=True)
    assert len(store.attempts("p1")) == 6, "of another hour"


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
    assert Recorded(False, 2) == record(store, "p1", Outcome.FAILED, "other"), "kept code is no attempt"


def test_the_last_verdict_is_not_hidden_by_kept_code(store: Store) -> None:
    assert store.last_attempt("p1") is None
    record(store, "p1", Outcome.FAILED)
    record(store, "p2", Outcome.PASSED)
    store.keep(code("p2", "other"), "reset")

    last = store.last_attempt("p2")

    assert last is not None
    assert (last.kata_id, last.number, last.outcome) == ("p2", 1, Outcome.PASSED)


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


def test_the_summary_says_what_happened_with_each_kata(store: Store, clock: Clock) -> None:
    record(store, "p1", Outcome.FAILED, "x = 0")
    clock.move(minutes=4)
    store.record(verdict("p1"), code("p1"), borrowed=["p21", "p22"])
    clock.move(days=1)
    record(store, "p1", text="x = 2")
    store.take_hint("p2", 2)
    store.give_up("p2")
    store.skip("p3")

    history = store.summary()

    p1, p2, p3 = (history.state(k) for k in ("p1", "p2", "p3"))
    assert (p1.n_attempts, p1.n_passed_days) == (3, 2)
    assert (p1.solved_day, p1.passed_day) == (date(2026, 3, 2), date(2026, 3, 3))
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
def test_times_are_utc_and_days_the_learners(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "XXX-9")  # nine hours east
    time.tzset()
    try:
        clock.now = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
        record(store, "p1")
    finally:
        monkeypatch.undo()
        time.tzset()

    (row,) = store.attempts("p1")

    assert row.at == clock.now
    assert store.summary().state("p1").solved_day == date(2026, 3, 3)


def test_the_summary_agrees_with_the_attempts(store: Store, clock: Clock) -> None:
    chance = random.Random(7)
    outcomes = [Outcome.PASSED, Outcome.FAILED, Outcome.BROKE, Outcome.TODO, Outcome.RULE]
    for _ in range(120):
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
        days = {r.at.astimezone().date() for r in passed}
        assert (state.n_attempts, state.time_spent_s) == (len({r.digest for r in judged}), spent[kata_id])
        assert (state.solved_day, state.passed_day, state.n_passed_days) == (min(days), max(days), len(days))
    assert history.n_attempts == len({r.digest for r in rows if r.outcome})
    assert sum(history.n_solved_by_day.values()) == 6


@pytest.fixture(scope="module")
def few_and_many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Databases of 1,000 and of 20,000 attempts at 149 katas."""
    few, many = (tmp_path_factory.mktemp("attempts") / f"{n}.sqlite3" for n in (1_000, 20_000))
    for path, n_attempts in ((few, 1_000), (many, 20_000)):
        open_store(path)
        rows = [(f"k{i % 149}", i // 149 + 1, i * 10**6, "passed" if i % 3 else "failed") for i in range(n_attempts)]
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            values = "(?, ?, ?, '2026-03-02', ?, '')"
            sql = f"INSERT INTO attempt (kata_id, number, at_us, day, outcome, digest) VALUES {values}"
            connection.executemany(sql, rows)
    return few, many


def steps(path: Path, look: Callable[[Store], object]) -> int:
    """Steps of SQLite's machine, in hundreds: a cost that no busy neighbour can raise."""
    n_steps = 0

    def count() -> None:
        nonlocal n_steps
        n_steps += 1

    def counted(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.set_progress_handler(count, 100)
        return connection

    store, connect = open_store(path), store_module._connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module, "_connect", counted)
        look(store)
    return n_steps


def test_the_cost_of_a_summary_grows_no_faster_than_the_attempts(few_and_many: tuple[Path, Path]) -> None:
    few, many = (steps(path, Store.summary) for path in few_and_many)

    assert many <= 20 * few


@pytest.mark.parametrize(
    "look",
    [
        lambda store: store.attempts("k7", last=5),
        lambda store: store.last_attempt("k7"),
        lambda store: store.passing_files("k999"),
        lambda store: store.hints_taken("k7"),
    ],
    ids=["attempts", "last_attempt", "passing_files", "hints_taken"],
)
def test_a_question_about_one_kata_does_not_scan_the_others(
    few_and_many: tuple[Path, Path], look: Callable[[Store], object]
) -> None:
    few, many = (steps(path, look) for path in few_and_many)

    assert many <= few + 2


# --- marks and settings ------------------------------------------------------------------------------------------


def test_hints_remember_the_highest_level(store: Store) -> None:
    assert store.hints_taken("p1") == 0
    for level in (1, 3, 2):
        store.take_hint("p1", level)

    assert store.hints_taken("p1") == 3


def test_a_star_is_earned_once_and_shows_on_a_solved_kata(store: Store) -> None:
    assert (store.add_star("p1", "tested"), store.add_star("p1", "tested")) == (True, False)
    store.add_star("p1", "typed")

    state = store.summary().state("p1")

    assert (state.stars, state.all_stars) == ({"typed", "tested"}, ())
    assert state._replace(solved_day=date(2026, 1, 1)).all_stars == ("solved", "typed", "tested")


def test_stars_follow_a_kata_to_its_new_name_and_to_another_machine(store: Store, tmp_path: Path) -> None:
    store.add_star("p1", "tested")
    other = open_store(tmp_path / "other.sqlite3")

    store.rename({"p1": "p9"})
    added = [other.merge(store.exported(), {}), other.merge(store.exported(), {})]

    assert store.summary().state("p9").stars == {"tested"}
    assert added == [(0, 1), (0, 0)]
    assert other.summary().state("p9").stars == {"tested"}


def test_giving_up_is_remembered(store: Store) -> None:
    assert not store.summary().state("p1").gave_up
    store.give_up("p1")
    store.give_up("p1")

    assert store.summary().state("p1").gave_up


def test_a_skipped_kata_can_be_taken_up_again(store: Store) -> None:
    for kata_id in ("p1", "p2"):
        store.skip(kata_id)
    store.unskip("p1")
    store.unskip("p9")

    history = store.summary()

    assert [kata_id for kata_id, state in history.katas.items() if state.is_skipped] == ["p2"]
    assert "p9" not in history.katas


def test_settings_outlive_the_process(path: Path) -> None:
    store = open_store(path)
    assert store.setting("track", "journey") == "journey"
    store.set_setting("track", "roadmap")
    store.set_setting("track", "problems")

    store = open_store(path)
    assert store.setting("track", "journey") == "problems"


# --- schema ------------------------------------------------------------------------------------------------------


def write_0_1_0(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(OF_0_1_0.read_text(encoding="utf-8"))


def schema_of(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(sql.split()) for name, sql in found}


def test_a_database_of_0_1_0_is_taken_over_without_loss(path: Path, clock: Clock) -> None:
    write_0_1_0(path)

    store = open_store(path, clock=clock)
    history = store.summary()
    assert store.problem == ""
    assert (store.setting("track"), store.setting("current")) == ("roadmap", "p2")
    assert [r.outcome for r in store.attempts("p1")] == [Outcome.FAILED, Outcome.PASSED, Outcome.PASSED]
    assert [r.borrowed for r in store.attempts("p1")] == [(), ("p21",), ()]
    assert [(r.outcome, r.reason) for r in store.attempts("p2")] == [(None, "reset"), (Outcome.BROKE, "")]
    assert store.files("p1", 1) == {"norm.py": b"first\n"}
    assert store.passing_files("p1") == {"norm.py": b"better\n", "sub/é.txt": b"\x00\xff"}
    assert record(store, "p1").n_attempts == 4
    assert history.state("p1") == KataState("p1", 3, date(2026, 3, 2), date(2026, 3, 3), 2, time_spent_s=840)
    assert history.state("p2") == KataState("p2", 1, hints=2, gave_up=True, time_spent_s=120)
    assert history.state("p3").skipped_at == START + timedelta(days=1, minutes=6)
    assert not history.state("p4").is_skipped
    assert (history.n_attempts, history.n_hints, history.time_spent_s) == (4, 2, 960)


def test_a_database_of_0_1_0_gets_the_schema_of_a_new_one(path: Path) -> None:
    write_0_1_0(path)
    new = path.with_name("new.sqlite3")
    for each in (path, new):
        open_store(each)

    assert schema_of(new) == schema_of(path)


def test_a_change_of_schema_that_fails_leaves_the_old_one(path: Path, clock: Clock) -> None:
    write_0_1_0(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE kata_state (in_the_way)")
    before = schema_of(path)

    with pytest.raises(MachineError, match="kata_state"):
        open_store(path, clock=clock)

    assert schema_of(path) == before


def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    open_store(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 6}")
    before = path.read_bytes()

    with pytest.raises(MachineError, match=rf"newer kata \(schema {SCHEMA_VERSION + 6}, .*left as it is.*Update kata"):
        open_store(path)

    assert path.read_bytes() == before
    assert [path.name] == [p.name for p in path.parent.iterdir()]


def test_importing_the_module_does_not_load_sqlite() -> None:
    program = "import sys, kata_runner.learner.store, kata_runner.learner.plan; sys.exit('sqlite3' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60, check=False).returncode == 0


# --- several processes, and sudden ends --------------------------------------------------------------------------

WRITER = """
import random, sys
from pathlib import Path
from kata_runner.model import Outcome, Submission, Verdict
from kata_runner.learner.store import open_store

path, name, n = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = open_store(path)
for i in range(n):
    files = {"norm.py": f"{name} {i} {random.random()}".encode() * 20}
    outcome = Outcome.PASSED if i % 3 else Outcome.FAILED
    recorded = store.record(Verdict(name, outcome), Submission(name, path, files, ""))
    print(recorded.n_attempts, flush=True)
"""


def start_writer(path: Path, name: str, n: int = 100_000) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(n)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_several_processes_at_once_lose_nothing(path: Path) -> None:
    """They also make the database at the same time."""
    writers = [start_writer(path, name, 20) for name in ("same", "same", "p3")]
    done = [writer.communicate(timeout=120) for writer in writers]

    assert [err for _, err in done] == ["", "", ""]
    store = open_store(path)
    assert list(range(1, 41)) == [row.number for row in store.attempts("same")]
    assert store.summary().n_attempts == 60
    assert {int(n) for out, _ in done[:2] for n in out.split()} == set(range(1, 41))
    assert is_sound(path)


@posix
@pytest.mark.slow
def test_a_kill_at_any_moment_loses_no_attempt_that_was_shown(path: Path) -> None:
    shown = {"p1": 0, "p2": 0}
    for n_lines in (1, 9):
        writers = {name: start_writer(path, name) for name in shown}
        out_p1 = writers["p1"].stdout
        assert out_p1 is not None
        read = [out_p1.readline() for _ in range(n_lines)]
        for writer in writers.values():
            writer.kill()
        for name, writer in writers.items():
            out, err = writer.communicate(timeout=60)
            assert err == ""
            # A line that was cut is one that nobody has read.
            lines = [*(read if name == "p1" else []), *out.splitlines(keepends=True)]
            shown[name] = max([shown[name], *(int(line) for line in lines if line.endswith("\n"))])
        store = open_store(path)
        assert store.problem == ""
        for name, n_shown in shown.items():
            rows = store.attempts(name)
            assert len(rows) >= n_shown
            assert list(range(1, len(rows) + 1)) == [row.number for row in rows]
            for row in rows[-3:]:
                assert store.files(name, row.number)["norm.py"].startswith(name.encode())
    assert shown["p1"] >= 9
    assert is_sound(path)


KILLED = """
import itertools, os, signal, sqlite3, sys, zlib, hashlib
from contextlib import closing
from pathlib import Path
from kata_runner.learner import store as module
from kata_runner.model import Outcome, Submission, Verdict

folder, connect = Path(sys.argv[1]), module._connect

def put(store, text):
    files = {"norm.py": text}
    return store.record(Verdict("p1", Outcome.FAILED), Submission("p1", folder, files, ""))

def run(path, shown, n_left):
    def count(sql):
        nonlocal n_left
        n_left -= 1
        if not n_left:
            os.kill(os.getpid(), signal.SIGKILL)
    def counted(*args):
        connection = connect(*args)
        connection.set_trace_callback(count)
        return connection
    module._connect = counted
    store = module.open_store(path)
    for text in (b"a", b"b"):
        put(store, text)
        os.write(shown, b".")

for n in itertools.count(1):
    path = folder / f"{n}.sqlite3"
    seen, shown = os.pipe()
    child = os.fork()
    if child == 0:
        run(path, shown, n)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    os.close(shown)
    n_shown = len(os.read(seen, 9))
    os.close(seen)
    store = module.open_store(path)
    assert store.problem == "", (n, store.problem)
    n_there = len(store.attempts("p1"))
    assert n_there in (n_shown, n_shown + 1), (n, n_shown, n_there)
    assert put(store, b"c").n_attempts == n_there + 1, n
    assert store.files("p1", n_there + 1) == {"norm.py": b"c"}, n
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), n
    if os.WIFEXITED(status):
        print(n)
        break
"""


@posix
@pytest.mark.slow
def test_a_kill_before_any_statement_loses_no_attempt_that_was_shown(folder: Path) -> None:
    """From making the database to the second attempt, with a backup in between."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert int(done.stdout) > 50


def test_threads_may_share_a_store(store: Store) -> None:
    threads = [threading.Thread(target=lambda: [record(store, "p1", text=f"{i}") for i in range(15)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(range(1, 61)) == [row.number for row in store.attempts("p1")]


def test_a_database_that_another_process_keeps_busy_is_reported(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_BUSY_S", 0.05)
    record(store, "p1", text="x = 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(MachineError, match=r"nothing was recorded: another kata command .*Try again"):
            record(store, "p1")
        other.execute("ROLLBACK")

    assert record(store, "p1", text="x = 2").n_attempts == 2


# --- a machine that refuses --------------------------------------------------------------------------------------


@pytest.fixture
def open_folder(folder: Path) -> Iterator[Path]:
    """A folder that another user can reach."""
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)


def as_plain_user(program: str, *args: str, limit_file_bytes: int = 0) -> str:
    """What a program prints that runs without root's right to write everywhere."""
    lines = ["import os, sys, resource", f"sys.path.insert(0, {str(ROOT)!r})", PRELUDE]
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
def test_a_read_only_folder_can_be_read_and_says_why_it_cannot_be_written(open_folder: Path) -> None:
    path = open_folder / "progress.sqlite3"
    fill(path, 5)
    for file in open_folder.iterdir():
        file.chmod(0o444)
    open_folder.chmod(0o555)

    out = as_plain_user(
        """
        store = open_store(path)
        put(store)
        print(len(store.attempts("p1")), len(store.files("p1", 5)), store.summary().n_attempts)
        put(store)
        """,
        str(path),
    ).splitlines()

    assert len(out) == 3
    assert out[0] == out[2]
    assert "cannot be opened or written (Permission denied). Make it readable and writable, or name another" in out[0]
    assert out[1] == "5 1 5"


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

    assert "progress.sqlite3 cannot be opened or written (Permission denied). Make it readable and writable" in out


def test_without_its_folder_it_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"there is no folder .*gone.*kata next"):
        open_store(tmp_path / "gone" / "progress.sqlite3")


def test_it_goes_on_in_a_folder_that_was_away(folder: Path) -> None:
    here, away = folder / "here", folder / "away"
    here.mkdir()
    store = open_store(here / "progress.sqlite3")
    record(store, "p1")
    here.rename(away)

    with pytest.raises(MachineError, match="there is no folder"):
        record(store, "p1")
    away.rename(here)

    assert record(store, "p1", text="x = 2").n_attempts == 2


def _noise(seed: int) -> str:
    return random.Random(seed).randbytes(9000).hex()


GROW = """
store = open_store(path)
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
    assert is_sound(path)
    store = open_store(path)
    assert len(store.attempts("p1")) == n_recorded
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
        store = open_store(path)
        recorded: list[Recorded] = []
        with pytest.raises(MachineError, match=r"nothing was recorded: .*Make room and try again"):
            recorded.extend(record(store, "p1", Outcome.FAILED, _noise(i)) for i in range(400))

        n_recorded = len(recorded)
        assert n_recorded > 5
        assert len(store.attempts("p1")) == n_recorded
        assert store.summary().n_attempts == n_recorded
        ballast.unlink()
        assert record(store, "p1").n_attempts == n_recorded + 1
        assert is_sound(path)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


# --- backups -----------------------------------------------------------------------------------------------------


def backups_of(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir() if "-backup-" in p.name)


def aside_of(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir() if ".damaged-" in p.name)


def at(**later: float) -> str:
    return f"{(START + timedelta(**later)).astimezone():%Y-%m-%d %H:%M}"


def damage(path: Path, page: int = 1) -> None:
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xee" * 4096)


def root_of(path: Path, name: str) -> int:
    """The number of the page on which a table or index begins."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0])


def test_a_backup_is_made_at_the_first_write_after_an_hour_and_three_are_kept(
    store: Store, clock: Clock, path: Path
) -> None:
    record(store, "p1")
    assert backups_of(path) == [], "there was nothing to lose before"

    for minutes in (0, 59, 1, 70, 0, 60):
        clock.move(minutes=minutes)
        store.summary()
        record(store, "p1")

    # At 12:00, 13:00, 14:10 and 15:10.
    assert backups_of(path) == [f"progress-backup-20260302T{at}00Z.sqlite3" for at in ("1300", "1410", "1510")]


def test_another_process_does_not_repeat_a_backup(store: Store, clock: Clock, path: Path) -> None:
    record(store, "p1")
    record(store, "p1")
    clock.move(minutes=59)

    other = open_store(path, clock=clock)
    record(other, "p1")
    assert len(backups_of(path)) == 1
    clock.move(minutes=1)
    other = open_store(path, clock=clock)
    record(other, "p1")
    assert len(backups_of(path)) == 2


def test_a_change_of_schema_is_preceded_by_a_backup(path: Path, clock: Clock) -> None:
    write_0_1_0(path)
    before = schema_of(path)

    open_store(path, clock=clock)

    assert backups_of(path) == ["progress-backup-20260302T120000Z.sqlite3"]
    assert schema_of(path.with_name(backups_of(path)[0])) == before


def test_a_backup_that_fails_costs_nothing(store: Store, clock: Clock, path: Path) -> None:
    record(store, "p1")
    in_the_way = path.with_name(f"progress-backup-20260302T120000Z.sqlite3.{os.getpid()}")
    in_the_way.mkdir()

    assert record(store, "p1", text="x = 2").n_attempts == 2
    assert store.problem == ""
    in_the_way.rmdir()
    clock.move(hours=1)
    assert record(store, "p1", text="x = 3").n_attempts == 3
    assert backups_of(path) == ["progress-backup-20260302T130000Z.sqlite3"]


# --- damage ------------------------------------------------------------------------------------------------------


def test_a_damaged_file_is_set_aside_and_the_newest_backup_takes_its_place(path: Path, clock: Clock) -> None:
    store = open_store(path, clock=clock)
    store.set_setting("track", "roadmap")
    for text in ("first", "second", "lost"):
        record(store, "p1", text=text)
        clock.move(minutes=45)
    damage(path)
    damaged = path.read_bytes()

    store = open_store(path, clock=clock)
    problem = store.problem
    assert [row.number for row in store.attempts("p1")] == [1]
    assert store.files("p1", 1) == {"norm.py": b"first"}
    assert store.setting("track") == "roadmap"
    assert record(store, "p1").n_attempts == 2

    assert problem == (
        "the progress database was damaged and is set aside as progress.damaged-20260302T141500Z.sqlite3; the backup "
        f"of {at(minutes=45)} took its place, without the attempts since; your code is in the workspace as you left it."
    )
    assert (path.parent / aside_of(path)[0]).read_bytes() == damaged
    store = open_store(path, clock=clock)
    assert store.problem == ""
    assert is_sound(path)


def test_without_a_backup_it_starts_empty_and_says_so(path: Path, clock: Clock) -> None:
    path.write_bytes(b"not a database at all\n" * 500)
    before = path.read_bytes()

    store = open_store(path, clock=clock)
    assert "is set aside as progress.damaged-20260302T120000Z.sqlite3; there is no backup of it" in store.problem
    assert record(store, "p1").n_attempts == 1

    assert (path.parent / aside_of(path)[0]).read_bytes() == before
    store = open_store(path)
    assert store.problem == ""
    assert len(store.attempts("p1")) == 1


def test_a_damaged_backup_gives_way_to_the_one_before(path: Path, clock: Clock) -> None:
    store = open_store(path, clock=clock)
    for _ in range(3):
        record(store, "p1")
        clock.move(hours=1)
    damage(path)
    damage(path.with_name(backups_of(path)[1]))

    store = open_store(path, clock=clock)
    assert f"the backup of {at(hours=1)} took its place" in store.problem
    assert len(store.attempts("p1")) == 1


def test_where_all_backups_are_damaged_it_starts_empty_once(path: Path, clock: Clock) -> None:
    store = open_store(path, clock=clock)
    for _ in range(2):
        record(store, "p1")
    damage(path)
    damage(path.with_name(backups_of(path)[0]))

    store = open_store(path, clock=clock)
    assert "there is no backup of it" in store.problem
    store = open_store(path, clock=clock)
    assert store.problem == ""
    assert record(store, "p1").n_attempts == 1


def test_damage_that_nobody_met_is_found_by_the_next_backup(path: Path, clock: Clock) -> None:
    """Before it would have taken the place of the last good one."""
    fill(path)
    clock.move(hours=1)
    damage(path, root_of(path, "sqlite_autoindex_blob_1"))

    store = open_store(path, clock=clock)
    assert store.problem == ""
    store.skip("p2")

    assert "was damaged" in store.problem
    assert store.summary().state("p2").is_skipped
    assert is_sound(path)


def test_damage_met_while_recording_still_records(path: Path) -> None:
    fill(path)
    damage(path, root_of(path, "attempt"))
    damage(path, root_of(path, "sqlite_autoindex_attempt_1"))

    store = open_store(path, clock=Clock())
    record(store, "p1", text="after the damage")

    assert "was damaged" in store.problem
    assert store.passing_files("p1") == {"norm.py": b"after the damage"}
    assert is_sound(path)


def test_a_missing_file_is_replaced_by_its_backup(path: Path, clock: Clock) -> None:
    """As after a replacement that was cut short when the damaged file was set aside."""
    fill(path)
    path.unlink()

    store = open_store(path, clock=clock)
    assert f"the progress database was missing; the backup of {at()} took its place" in store.problem
    assert len(store.attempts("p1")) == 1
    assert aside_of(path) == []


@posix
def test_a_damaged_file_that_cannot_be_set_aside_is_reported(open_folder: Path) -> None:
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

    with pytest.raises(MachineError, match="code of attempt 2 at p1 is damaged"):
        open_store(path).files("p1", 2)


def test_code_whose_name_leads_out_of_the_folder_is_never_returned(store: Store) -> None:
    store.record(verdict("p9"), Submission("p9", Path(), {"../../evil.py": b"x"}, ""))

    with pytest.raises(MachineError):
        store.files("p9", 1)
