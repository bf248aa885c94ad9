"""Many tasks on several children."""

from __future__ import annotations

import threading

import pytest

from kata_runner.judging import pool
from kata_runner.judging.launch import Child


@pytest.fixture(autouse=True)
def no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "start_child", lambda: None)


def test_results_come_in_the_order_of_the_tasks() -> None:
    tasks = [pool.Task(lambda _, n=n: n, expected_s=n) for n in range(5)]

    assert pool.in_parallel(tasks, 2) == [0, 1, 2, 3, 4]


def test_the_longest_begins_first() -> None:
    begun: list[int] = []
    tasks = [pool.Task(lambda _, n=n: begun.append(n), expected_s=n) for n in range(5)]

    pool.in_parallel(tasks, 1)

    assert begun == [4, 3, 2, 1, 0]


def test_no_two_heavy_tasks_run_at_once_and_the_other_worker_goes_on() -> None:
    inside = threading.Semaphore(1)
    light_is_done = threading.Event()

    def heavy(_: Child | None) -> bool:
        is_alone = inside.acquire(blocking=False)
        light_is_done.wait(60)
        if is_alone:
            inside.release()
        return is_alone

    tasks = [pool.Task(heavy, is_heavy=True) for _ in range(3)]
    tasks.append(pool.Task(lambda _: light_is_done.set()))

    assert pool.in_parallel(tasks, 2)[:3] == [True, True, True]


def test_an_error_of_a_task_is_raised() -> None:
    def fail(_: Child | None) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        pool.in_parallel([pool.Task(fail)], 2)
