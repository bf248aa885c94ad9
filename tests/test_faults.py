"""What may happen to a watch while somebody works: it goes on, and loses nothing that it showed."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.slow

RIGHT = "def double(x: int) -> int:\n    return 2 * x\n"
WRONG = "def double(x: int) -> int:\n    return abs(x) * 2\n"


class Watch:
    """A watch of p900_toy in a pseudo-terminal, what it shows and what it records."""

    def __init__(self, kata: Any, on_screen: Callable[..., Any], **how: Any) -> None:
        self.kata = kata
        self.trace = kata.folder / "trace"
        self.trace.touch()
        kata("start", "p900")
        self.screen = on_screen(kata, "watch", KATA_WATCH_TRACE=str(self.trace), **how)
        self.screen.wait_for("Save toy.py")
        self.process = psutil.Process(self.screen.process.pid)

    def shown(self) -> list[tuple[str, str]]:
        """Digest and outcome of each verdict that was drawn, in order."""
        return [(line.split()[1], line.split()[2]) for line in self.trace.read_text().splitlines()]

    def recorded(self) -> list[tuple[str, str]]:
        """The same of each attempt in the database."""
        with sqlite3.connect(self.kata.workspace / ".kata" / "progress.sqlite3") as connection:
            return list(connection.execute("SELECT digest, outcome FROM attempt WHERE outcome NOT NULL ORDER BY id"))

    def wait_settled(self, n_more: int, before: int, timeout_s: float = 60) -> None:
        """Until `n_more` verdicts were shown since there were `before`, and all are recorded."""
        deadline = time.monotonic() + timeout_s
        while len(self.shown()) < before + n_more or self.shown() != self.recorded():
            assert time.monotonic() < deadline, (self.shown()[-3:], self.recorded()[-3:], self.screen.text)
            time.sleep(0.05)

    def child(self) -> psutil.Process | None:
        """The warm parent, when there is one just now."""
        with contextlib.suppress(psutil.Error):
            found = [c for c in self.process.children() if "parent.main(" in " ".join(c.cmdline())]
            return found[0] if found else None
        return None


@pytest.fixture
def watch(kata: Any, on_screen: Callable[..., Any]) -> Watch:
    return Watch(kata, on_screen)


def kill_the_child(watch: Watch) -> None:
    if (child := watch.child()) is not None:
        child.kill()


def kill_a_worker(watch: Watch) -> None:
    if (child := watch.child()) is not None and (workers := child.children()):
        random.choice(workers).kill()


def kill_the_group(watch: Watch) -> None:
    if (child := watch.child()) is not None:
        family = [child, *child.children(recursive=True)]
        for process in family:
            with contextlib.suppress(ProcessLookupError, psutil.Error):
                os.killpg(os.getpgid(process.pid), signal.SIGKILL)


@pytest.mark.audit
def test_a_hundred_saves_under_fire_lose_nothing_that_was_shown(watch: Watch) -> None:
    dice = random.Random(1)
    n_killed, n_shown = 0, 0
    for i in range(100):
        watch.kata.write(f"{dice.choice((RIGHT, WRONG))}# {i}\n")
        time.sleep(dice.uniform(0, 0.15))
        if dice.random() < 0.4:
            with contextlib.suppress(psutil.Error):
                dice.choice((kill_the_child, kill_a_worker, kill_the_group))(watch)
            n_killed += 1
        if i % 3:
            time.sleep(dice.uniform(0, 0.15))
        else:  # whatever was killed, this one is shown before the next comes
            watch.wait_settled(1, n_shown)
        n_shown = len(watch.shown())
    watch.kata.write(f"{RIGHT}# the last\n")
    watch.screen.wait_for("PASSED", timeout_s=60)
    watch.wait_settled(1, n_shown)

    assert watch.process.is_running()
    assert n_killed > 20
    assert len(watch.shown()) >= 34
    assert watch.recorded() == watch.shown()
    assert watch.shown()[-1][1] == "passed"


@pytest.mark.audit
def test_a_thousand_saves_within_a_minute_keep_the_last_and_grow_nothing(watch: Watch) -> None:
    def measure() -> tuple[int, int, int, int]:
        child = watch.child()
        assert child is not None
        rss = [p.memory_info().rss // 1_000_000 for p in (watch.process, child)]
        return rss[0], rss[1], watch.process.num_fds(), child.num_fds()

    def save(numbers: range) -> None:
        for i in numbers:
            watch.kata.write(f"{WRONG}# {i}\n")
            time.sleep(0.03)
        watch.screen.wait_for("NOT YET", "q quit")
        watch.wait_settled(0, 0)
        time.sleep(1.5)  # until the next worker waits

    save(range(100))
    before = measure()
    began = time.monotonic()
    save(range(100, 1100))
    took_s = time.monotonic() - began
    watch.kata.write(RIGHT)
    watch.screen.wait_for("PASSED", "Solved at attempt")
    watch.wait_settled(0, 0)
    time.sleep(1.5)
    after = measure()

    growth = [b - a for a, b in zip(before, after, strict=True)]
    assert took_s < 60
    assert watch.shown()[-1][1] == "passed"
    assert max(growth[:2]) < 25, f"MB before {before}, after {after}"
    assert max(growth[2:]) <= 3, f"descriptors before {before}, after {after}"


def test_a_child_killed_while_nothing_happens_is_replaced(watch: Watch) -> None:
    old = watch.child()
    assert old is not None
    old.kill()
    deadline = time.monotonic() + 20
    while (new := watch.child()) is None or new.pid == old.pid:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    watch.kata.write(RIGHT)

    watch.screen.wait_for("PASSED")
    assert [p for p in watch.process.children() if p.status() == psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("what", ["folder", "workspace"])
def test_moved_away_and_back(what: str, watch: Watch) -> None:
    place = watch.kata.workspace / "p900_toy" if what == "folder" else watch.kata.workspace
    watch.kata.write(WRONG)
    watch.screen.wait_for("NOT YET")
    watch.wait_settled(1, 0)

    place.rename(place.with_name("elsewhere"))
    gone = watch.screen.wait_for("CANNOT BE JUDGED", "is gone")
    place.with_name("elsewhere").rename(place)
    watch.screen.wait_for("NOT YET", without="CANNOT")
    watch.kata.write(RIGHT)
    watch.screen.wait_for("PASSED")
    watch.wait_settled(2, 0)

    assert "p900_toy" in gone.replace("\n", "")
    assert "kata start p900" in gone.replace("\n", " ")


def test_deleted_and_started_again(watch: Watch) -> None:
    watch.kata.write(WRONG)
    watch.screen.wait_for("NOT YET")
    watch.wait_settled(1, 0)

    shutil.rmtree(watch.kata.workspace / "p900_toy")
    watch.screen.wait_for("is gone")
    watch.kata("start", "p900")
    watch.screen.wait_for("TO DO", without="CANNOT")
    watch.kata.write(RIGHT)

    watch.screen.wait_for("PASSED")
    watch.wait_settled(2, 0)


def test_a_full_disk_is_said_and_recorded_when_there_is_room_again(watch: Watch) -> None:
    """A limit on the size of files stands for the disk: writing fails in the same way."""
    if not hasattr(watch.process, "rlimit"):
        pytest.skip("limits of other processes cannot be set on this system")
    watch.kata.write(WRONG)
    watch.screen.wait_for("NOT YET")
    watch.wait_settled(1, 0)
    _, hard = watch.process.rlimit(psutil.RLIMIT_FSIZE)

    watch.process.rlimit(psutil.RLIMIT_FSIZE, (4096, hard))  # the answer is smaller, the database is not
    watch.kata.write(f"{WRONG}# again\n")
    watch.screen.wait_for("NOT YET", "not saved yet", "room")  # "Make room", which may be wrapped
    watch.kata.write(RIGHT)
    watch.screen.wait_for("PASSED", "2 attempts are not saved yet")
    n_meanwhile = len(watch.recorded())
    watch.process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY if hard == psutil.RLIM_INFINITY else hard, hard))
    watch.screen.wait_for("PASSED", without="not saved")
    deadline = time.monotonic() + 20
    while len(watch.recorded()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert n_meanwhile == 1
    assert [outcome for _, outcome in watch.recorded()] == ["failed", "failed", "passed"]


def test_a_locked_database_costs_no_verdict(watch: Watch) -> None:
    with contextlib.closing(sqlite3.connect(watch.kata.workspace / ".kata" / "progress.sqlite3")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        watch.kata.write(WRONG)
        watch.screen.wait_for("NOT YET")
        watch.kata.write(RIGHT)
        watch.screen.wait_for("PASSED")
        connection.rollback()

    watch.wait_settled(2, 0)


@pytest.mark.parametrize("what", ["toy.py", "."])
def test_no_right_to_read_is_said_until_it_is_given_back(what: str, kata: Any, on_screen: Callable[..., Any]) -> None:
    prefix: list[str] = []
    if os.getuid() == 0:  # whom permissions do not stop, unless it gives up that privilege
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and setpriv is not there to change that")
        prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    watch = Watch(kata, on_screen, prefix=prefix)
    watch.kata.write(WRONG)
    watch.screen.wait_for("NOT YET")
    path: Path = watch.kata.workspace / "p900_toy" / what
    mode = path.stat().st_mode

    path.chmod(0)
    shown = watch.screen.wait_for("CANNOT BE JUDGED", "Permission denied")
    path.chmod(mode)
    watch.screen.wait_for("NOT YET", without="CANNOT")
    watch.kata.write(RIGHT)
    watch.screen.wait_for("PASSED")

    assert "p900_toy" in shown.replace("\n", "")


def test_a_database_that_is_away_is_said_and_recording_goes_on(watch: Watch) -> None:
    place = watch.kata.workspace / ".kata"
    place.rename(place.with_name(".elsewhere"))

    watch.kata.write(WRONG)
    watch.screen.wait_for("NOT YET", "not saved yet", "no folder")
    place.with_name(".elsewhere").rename(place)

    watch.screen.wait_for("NOT YET", without="not saved")
    watch.wait_settled(1, 0)
