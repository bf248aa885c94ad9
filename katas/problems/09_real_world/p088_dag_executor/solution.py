"""Run tasks that need one another's results, as many at a time as possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import Any


@dataclass(frozen=True)
class Report:
    """What became of each task, in the order of `tasks`. (Nothing is missing here.)

    values: what the tasks returned that are done. errors: the last exception of those that failed.
    skipped: those that were never called.
    """

    values: dict[str, Any]
    errors: dict[str, Exception]
    skipped: list[str]


def run(
    tasks: Mapping[str, Callable[..., Any]],
    needs: Mapping[str, Sequence[str]],
    *,
    workers: int = 4,
    retries: int = 0,
) -> Report:
    """Call each task with the values of the tasks that it needs, up to `workers` at the same time.

    needs: name of a task -> the names of those whose values it is called with.
    retries: how often a task that raises an Exception is called again.
    Raises ValueError, before any task is called, for a need that is no task and for tasks that need one another in
    a cycle.
    """
    # Step 1: refuse what cannot be run. The sorter would take an unknown name for a task without needs.
    for name, sources in needs.items():
        for unknown in {name, *sources} - tasks.keys():
            raise ValueError(f"{unknown!r} in needs[{name!r}] is no task")
    graph = TopologicalSorter({name: needs.get(name, ()) for name in tasks})
    graph.prepare()  # raises CycleError, a ValueError with the path of a cycle; it works without recursion

    values: dict[str, Any] = {}
    errors: dict[str, Exception] = {}
    ended: SimpleQueue[str] = SimpleQueue()

    def work(name: str) -> None:
        for _ in range(retries + 1):
            try:
                values[name] = tasks[name](*[values[source] for source in needs.get(name, ())])
                errors.pop(name, None)
                break
            except Exception as error:
                errors[name] = error
        ended.put(name)

    # Step 2: start what is ready, wait for whatever ends first, and look again. The tasks of a level have nothing to
    # do with one another, so none waits for the others. No worker ever waits: it is given what can run.
    with ThreadPoolExecutor(workers) as pool:  # at its end, the threads are gone
        while graph.is_active():
            for name in graph.get_ready():
                if all(source in values for source in needs.get(name, ())):
                    pool.submit(work, name)
                else:
                    ended.put(name)  # skipped, which ends it: what needs it is looked at next, and skipped, too
            graph.done(ended.get())

    # Step 3: tasks ended in any order; they are reported in the order in which they were given.
    return Report(
        {name: values[name] for name in tasks if name in values},
        {name: errors[name] for name in tasks if name in errors},
        [name for name in tasks if name not in values and name not in errors],
    )


# In real life Airflow, Dagster and Prefect also keep what is done, so that a run goes on after a crash; they wait
# longer and longer between retries, and stop a task that takes too long, which a thread does not allow. Where tasks
# compute in pure Python, processes run together and threads take turns.
