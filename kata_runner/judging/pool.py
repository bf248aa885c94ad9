"""Many submissions at once, on several children."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import msgspec

from kata_runner.judging.launch import ALWAYS_PRELOADED, Child, start_child


class Task(msgspec.Struct, frozen=True):
    """One piece of work for `in_parallel`.

    run: called with the child to ask (None where there is no fork).
    modules: what that child should have imported before.
    expected_s: roughly how long it takes; the longest begin first.
    is_heavy: whether it takes the whole machine; no two such tasks run at once.
    """

    run: Callable[[Child | None], object]
    modules: tuple[str, ...] = ()
    expected_s: float = 0.0
    is_heavy: bool = False


def in_parallel(tasks: Sequence[Task], n_workers: int) -> list[object]:
    """Run tasks on `n_workers` children that stay; return the results in the order of the tasks.

    Raises the error of a task that raises one; tasks not yet begun are then left out.
    """
    results: dict[int, object] = {}
    order = sorted(range(len(tasks)), key=lambda i: -tasks[i].expected_s)
    # Heavy tasks follow each other on one worker, which then helps with the others.
    queues = [[i for i in order if tasks[i].is_heavy], *([i] for i in order if not tasks[i].is_heavy)]
    of_thread = threading.local()
    with ExitStack() as children, ThreadPoolExecutor(max(1, n_workers)) as executor:

        def run(index: int) -> None:
            modules = tasks[index].modules
            child: Child | None = getattr(of_thread, "child", None)
            if child is None or not child.is_alive or of_thread.modules != modules:
                if child is not None:
                    child.close()
                child = start_child()
                if child is not None:
                    children.enter_context(child)
                    child.preload([*ALWAYS_PRELOADED, *modules])
                of_thread.child, of_thread.modules = child, modules
            results[index] = tasks[index].run(child)

        def run_all(queue: Sequence[int]) -> None:
            for index in queue:
                run(index)

        list(executor.map(run_all, queues))
    return [results[index] for index in range(len(tasks))]
