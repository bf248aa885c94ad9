"""What an answer costs beside the kata's own solution, for checks that measure a cost."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from kata_runner.checking.session import CheckSession, Enough
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

    The largest time and the largest memory are compared: the checks in which they were measured run again until they
    are measured anew, for the answer and for the solution in its place, in the same breath.
    """
    solution = os.path.join(job["kata_folder"], "solution.py")
    is_python = job["modules"].get(job["module"], "").endswith(".py") and os.path.isfile(solution)
    short = [check for check in measured if check.duration_s <= MOST_S]
    if not (short and is_python):
        return ""
    kept = checking.notes, checking.pictures
    checking.notes, checking.pictures = [], []
    try:
        in_place = functools.partial(_in_place_of_the_answer, job["module"], solution)
        time, memory = (_ratio(kind, short, checking, in_place) for kind in ("time", "memory"))
    except BaseException:  # whatever the answer has done to this process, its verdict stands
        return ""
    finally:
        checking.notes, checking.pictures = kept
    whose = "its" if time else "the reference's"
    words = [f"{time} × the reference's time"] if time else []
    words += [f"{memory} × {whose} memory"] if memory else []
    return ", ".join(words)


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


def _ratio(
    kind: str,
    measured: Sequence[Measured],
    checking: CheckSession,
    in_place: Callable[[], AbstractContextManager[None]],
) -> str:
    found = [(amount, i, check) for check in measured for i, (k, amount) in enumerate(check.costs) if k == kind]
    if not found:
        return ""
    _, place, check = max(found, key=lambda one: one[0])
    theirs = _again(check, place, checking)
    with in_place():
        ratio = theirs / max(_again(check, place, checking), 1e-9)
    return f"{ratio:.1f}" if 0.095 <= ratio < 9.95 else f"{ratio:.1g}" if ratio < 1 else f"{ratio:.0f}"


def _again(check: Measured, place: int, checking: CheckSession) -> float:
    checking.begin_check()
    checking.n_costs_wanted = place + 1
    try:
        check.again()
    except Enough:
        return checking.costs[place][1]
    finally:
        checking.n_costs_wanted = 0
    raise LookupError(place)
