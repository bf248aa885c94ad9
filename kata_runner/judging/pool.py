"""Many submissions at once, on several children."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
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
    """Run tasks on `n_workers` children that stay; return the results in the order of the tasks.

    Tasks that need the same modules are done one after the other, so that few children import them.
    Raises the error of a task that raises one; tasks not yet begun are then left out.
    """
    order = sorted(range(len(tasks)), key=lambda i: tasks[i].modules)
    of_thread = threading.local()
    with ExitStack() as children, ThreadPoolExecutor(max(1, n_workers)) as executor:

        def run(index: int) -> object:
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
            return tasks[index].run(child)

        results = dict(zip(order, executor.map(run, order), strict=True))
    return [results[index] for index in range(len(tasks))]
