"""Contestants run in turn, and the ratios of their figures."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Contestant = Callable[[], float]  # does the thing once; returns milliseconds (or megabytes)
Figures = dict[str, list[float]]


@dataclass(frozen=True)
class Row:
    """One line of the table: a contestant, what it is compared with, and the ratio to reach.

    name: for `--only`. course: where both run, in turn with others. at_least: times faster, of the medians;
    p95_at_least: the same for our slowest twentieth. at_most: share of what the other takes.
    Neither: for information.
    """

    name: str
    what: str
    against: str
    course: str
    ours: str
    other: str
    at_least: float = 0.0
    p95_at_least: float = 0.0
    at_most: float = 0.0
    unit: str = "ms"


@dataclass(frozen=True)
class Result:
    """What was measured for one row."""

    row: Row
    ours: Sequence[float]
    other: Sequence[float]

    @property
    def is_faster_by(self) -> bool:
        return not self.row.at_most and bool(self.row.at_least)

    @property
    def ratio(self) -> float:
        """Times faster where the row says so, otherwise ours as a share of the other."""
        share = statistics.median(self.ours) / statistics.median(self.other)
        return 1 / share if self.is_faster_by else share

    @property
    def p95_ratio(self) -> float:
        """The same for our slowest twentieth, against the other's median."""
        share = p95(self.ours) / statistics.median(self.other)
        return 1 / share if self.is_faster_by else share

    @property
    def is_reached(self) -> bool | None:
        """None where the row only informs."""
        row = self.row
        if self.is_faster_by:
            return self.ratio >= row.at_least and self.p95_ratio >= row.p95_at_least
        return self.ratio <= row.at_most if row.at_most else None


def p95(values: Sequence[float]) -> float:
    """The value that 95 of a hundred do not exceed (the largest, if there are fewer than twenty)."""
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def in_turn(
    contestants: Mapping[str, Contestant], n_runs: int, on_round: Callable[[int], None], *, warm_up: bool = True
) -> Figures:
    """A B C, C A B, …, in another order each time, so that a slow machine and the process before slow all alike.

    on_round: called with the number of each round. warm_up: run one round first, which is not counted.
    """
    if warm_up:
        for run in contestants.values():
            run()
    figures: Figures = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(n_runs):
        on_round(number + 1)
        for name in names:
            figures[name].append(contestants[name]())
        random.Random(number).shuffle(names)
    return figures
