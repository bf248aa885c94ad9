"""The limits of a run, by a clock and by figures that the test sets: time of computing, of the clock, memory."""

from __future__ import annotations

import json
import socket

import pytest

from kata_runner.judging import run
from kata_runner.model import Limits
from kata_runner.processes import Usage

LIMITS = Limits(seconds=10, memory_mb=100)
CHECK = ("importing", "imported", "start")
Look = tuple[float, float, float] | tuple[float, float, float, int]


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOOK_S", 0.001)


def seen_by(*looks: Look, events: tuple[str, ...] = CHECK, is_served: bool = True) -> run.Seen:
    """What a reader notes of a run that has reported these events and then ends.

    looks: seconds of the clock, seconds of computing, MB of the largest process, the number of processes.
    """
    ours, theirs = socket.socketpair()
    now = 0.0
    to_come = list(looks)

    def look() -> Usage:
        nonlocal now
        now, computed_s, largest_mb, *n_processes = to_come.pop(0)
        if not to_come:
            theirs.close()
        return Usage(n_processes[0] if n_processes else 2, computed_s, 50.0, 50.0 + largest_mb)

    with ours, theirs:
        for event in events:
            theirs.sendall(f"secret {json.dumps({'event': event, 'name': 'test_one'})}\n".encode())
        reader = run.Reader(ours, "secret", LIMITS, None, look, clock=lambda: now)
        return reader.read(lambda: is_served, lambda: None)


def test_a_check_that_computes_too_long_is_ended() -> None:
    seen = seen_by((0.25, 5, 0), (10, 14.9, 0), (10.25, 15, 0))

    assert (seen.timed_out, seen.exceeded) == (True, "too slow: still running after 10 s of computing")


def test_a_busy_machine_takes_no_time_from_a_check() -> None:
    seen = seen_by((0.25, 5, 0), (30, 7, 0), (90, 10, 0), (150, 14.9, 0))

    assert seen.exceeded == ""


def test_processes_side_by_side_have_the_whole_time() -> None:
    assert seen_by((0.25, 0, 0), (9.9, 30, 0)).exceeded == ""


def test_a_check_that_waits_is_ended_by_the_clock() -> None:
    seen = seen_by((0.25, 5, 0), (59, 5, 0), (66, 5.5, 0))

    assert (seen.timed_out, seen.exceeded) == (False, "not done after 66 s, 0.5 s of them computing,")


def test_the_time_of_a_check_begins_with_it() -> None:
    """Not with the start of the process, which has computed before."""
    assert seen_by((0.25, 500, 0), (20, 505, 0)).exceeded == ""


def test_memory_is_allowed_on_top_of_what_the_imports_take() -> None:
    within, beyond = seen_by((0.25, 0, 99)), seen_by((0.25, 0, 99), (0.5, 0, 101))

    assert (within.exceeded, beyond.exceeded) == ("", "ran out of memory; 100 MB are allowed,")


def test_a_hundred_processes_are_enough() -> None:
    assert seen_by((0.25, 0, 0, 100), (0.5, 0, 0, 101)).exceeded == "started more than 100 processes"


def test_a_run_that_nobody_serves_is_given_up_at_once() -> None:
    seen = seen_by((0.25, 0, 0), events=(), is_served=False)

    assert (seen.has_begun, seen.exceeded) == (False, "")
