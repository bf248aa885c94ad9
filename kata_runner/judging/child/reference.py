"""What an answer costs beside the kata's own solution, for checks that measure a cost."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kata_runner.checking.session import CheckSession
from kata_runner.judging.child.importer import SourceLoader

MOST_S = 2.0  # a check that took longer is not run again: the verdict would wait for it
Cost = tuple[str, float]  # the kind, "time" or "memory", and how much


@dataclass(frozen=True)
class Measured:
    """A check that passed, and what the answer was measured to cost in it.

    again: runs the check once more.
    """

    again: Callable[[], object]
    duration_s: float
    costs: Sequence[Cost]


def beside_the_reference(job: dict[str, Any], checking: CheckSession, measured: Sequence[Measured]) -> str:
    """ "0.8 × the reference's time, 1.0 × its memory", or "" where nothing was measured or can be compared.

    The largest time and the largest memory are compared: the checks in which they were measured run once more, with
    the solution in the answer's place.
    """
    solution = os.path.join(job["kata_folder"], "solution.py")
    is_python = job["modules"].get(job["module"], "").endswith(".py") and os.path.isfile(solution)
    largest = {kind: found for kind in ("time", "memory") if (found := _largest(kind, measured))}
    if not (largest and is_python):
        return ""
    kept = checking.notes, checking.pictures
    checking.notes, checking.pictures = [], []
    try:
        with _in_place_of_the_answer(job["module"], solution):
            costs = {id(check): _costs(check, checking) for check, _ in largest.values()}
    except BaseException:  # whatever the answer has done to this process, its verdict stands
        return ""
    finally:
        checking.notes, checking.pictures = kept
    ratios = {kind: check.costs[i][1] / max(costs[id(check)][i][1], 1e-9) for kind, (check, i) in largest.items()}
    words = [f"{_in_digits(ratio)} × {{}} {kind}" for kind, ratio in ratios.items()]
    return ", ".join(words).format("the reference's", "its")


def _largest(kind: str, measured: Sequence[Measured]) -> tuple[Measured, int] | None:
    """The check with the largest cost of a kind, and the place of that cost in it."""
    short = [check for check in measured if check.duration_s <= MOST_S]
    found = [(check, i) for check in short for i, cost in enumerate(check.costs) if cost[0] == kind]
    return max(found, key=lambda one: one[0].costs[one[1]][1], default=None)


def _costs(check: Measured, checking: CheckSession) -> Sequence[Cost]:
    checking.begin_check()
    check.again()
    return checking.costs


def _in_digits(ratio: float) -> str:
    return f"{ratio:.1f}" if 0.095 <= ratio < 9.95 else f"{ratio:.1g}" if ratio < 1 else f"{ratio:.0f}"


@contextmanager
def _in_place_of_the_answer(module: str, solution: str) -> Iterator[None]:
    spec = importlib.util.spec_from_file_location(module, solution, loader=SourceLoader(module, solution))
    assert spec is not None
    assert spec.loader is not None
    kept = sys.modules[module]
    sys.modules[module] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(sys.modules[module])
        yield
    finally:
        sys.modules[module] = kept
