"""Slope, descent, and the learning rate above which descent runs away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Path:
    """Where a descent went, and how it ended.

    xs, ys: (m + 1,) the points and f at them, the start first. outcome: "converged", "diverged" or "out of steps".
    """

    xs: Array
    ys: Array
    outcome: str

    @property
    def n_steps(self) -> int:
        return len(self.xs) - 1


@overload
def derivative(f: Function, x: float, h: float = 1e-5) -> float: ...
@overload
def derivative(f: Function, x: Array, h: float = 1e-5) -> Array: ...
def derivative(f: Function, x: Any, h: float = 1e-5) -> Any:
    """Return the slope of f at x, by the central difference with the step h · max(1, |x|).

    x: a number, or an array of any shape, left as it was.
    """
    raise NotImplementedError


def descend(
    f: Function,
    start: float,
    learning_rate: float,
    max_steps: int = 1000,
    tolerance: float = 1e-6,
    limit: float = 1e9,
) -> Path:
    """Walk downhill from `start`, and return where the walk went and how it ended."""
    raise NotImplementedError


def rate_limit(f: Function, x: float) -> float:
    """Return the learning rate above which descent on f near x diverges: 2 / f''(x), or inf."""
    raise NotImplementedError


def draw_descent(f: Function, path: Path) -> Figure:
    """Draw f as a curve, and the path on it."""
    raise NotImplementedError


def draw_duel(f: Function, start: float, rates: Sequence[float], max_steps: int = 30) -> Figure:
    """Draw how the size of the slope changes, step by step, for each learning rate."""
    raise NotImplementedError
