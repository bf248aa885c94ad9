"""Many submissions at once, on several children."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kata_runner.judging.launch import ALWAYS_PRELOADED, Child, start_child


@dataclass(frozen=True)
class Task:
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
    """Run tasks on `n_workers` warm children; return the results in the order of the tasks.

    Raises the first error that a task raises; tasks not yet begun are then left out.
    """
    results: list[object] = [None] * len(tasks)
    # The longest first, so that no worker is left with a long one when the others are done.
    waiting = sorted(enumerate(tasks), key=lambda pair: -pair[1].expected_s)
    changed = threading.Condition()
    is_heavy_running = False
    errors: list[BaseException] = []

    def take() -> tuple[int, Task] | None:
        """The next task that may run now; waits for one, returns None when nothing is left."""
        nonlocal is_heavy_running
        with changed:
            while waiting and not errors:
                fitting = (i for i, (_, task) in enumerate(waiting) if not (task.is_heavy and is_heavy_running))
                if (place := next(fitting, None)) is not None:
                    index, task = waiting.pop(place)
                    is_heavy_running = is_heavy_running or task.is_heavy
                    return index, task
                changed.wait()
        return None

    def done(task: Task) -> None:
        nonlocal is_heavy_running
        with changed:
            is_heavy_running = is_heavy_running and not task.is_heavy
            changed.notify_all()

    def work() -> None:
        child: Child | None = None
        loaded: tuple[str, ...] | None = None
        try:
            while (taken := take()) is not None:
                index, task = taken
                if child is None or not child.is_alive or task.modules != loaded:
                    child = _replace_child(child, task.modules)
                    loaded = task.modules
                try:
                    results[index] = task.run(child)
                finally:
                    done(task)
        except BaseException as error:
            errors.append(error)
            with changed:
                changed.notify_all()
        finally:
            if child is not None:
                child.close()

    threads = [threading.Thread(target=work) for _ in range(max(1, min(n_workers, len(tasks))))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def _replace_child(child: Child | None, modules: Sequence[str]) -> Child | None:
    if child is not None:
        child.close()
    fresh = start_child()
    if fresh is not None:
        fresh.is_warm = True
        fresh.preload([*ALWAYS_PRELOADED, *modules])
    return fresh
