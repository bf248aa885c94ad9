"""Run tasks that need one another's results, as many at a time as possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
    raise NotImplementedError
