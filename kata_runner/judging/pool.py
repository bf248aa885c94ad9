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
    """

    run: Callable[[Child | None], object]
    modules: tuple[str, ...] = ()


def in_parallel(tasks: Sequence[Task], n_workers: int) -> list[object]:
    """Run tasks on `n_workers` warm children; return the results in the order of the tasks.

    Tasks that need the same modules are done one after the other, so that few children import them.
    Raises the first error that a task raises; tasks not yet begun are then left out.
    """
    results: list[object] = [None] * len(tasks)
    waiting = sorted(enumerate(tasks), key=lambda pair: pair[1].modules)
    lock = threading.Lock()
    errors: list[BaseException] = []

    def work() -> None:
        child: Child | None = None
        loaded: tuple[str, ...] | None = None
        try:
            while not errors:
                with lock:
                    if not waiting:
                        return
                    fitting = (i for i, (_, task) in enumerate(waiting) if task.modules == loaded)
                    index, task = waiting.pop(next(fitting, 0))
                if child is None or not child.is_alive or task.modules != loaded:
                    child = _replace_child(child, task.modules)
                    loaded = task.modules
                results[index] = task.run(child)
        except BaseException as error:
            errors.append(error)
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
