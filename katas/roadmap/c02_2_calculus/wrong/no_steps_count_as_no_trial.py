"""`best_rate` keeps the fewest steps in a variable and asks `if not fewest`: a trial that was flat from the start took 0 steps, and any later one replaces it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Descent:
    """xs: all points visited, the start first; outcome: "converges", "slow" or "diverges"."""

    xs: list[float]
    outcome: str


@dataclass(frozen=True)
class Trial:
    """How a descent with one learning rate ended, after how many steps, and where."""

    rate: float
    outcome: str
    n_steps: int
    x: float


@overload
def evaluate(coefficients: Sequence[float], x: float) -> float: ...
@overload
def evaluate(coefficients: Sequence[float], x: NDArray[Any]) -> NDArray[np.float64]: ...
def evaluate(coefficients: Sequence[float], x: Any) -> Any:
    """The value of the polynomial at x: a float for a number, float64 of the same shape for an array.

    coefficients: the constant first. Raises ValueError, naming coefficients, when there are none.
    """
    if len(coefficients) == 0:
        raise ValueError("coefficients must not be empty")
    value: Any
    if isinstance(x, np.ndarray):
        x = x.astype(np.float64)
        value = np.zeros(x.shape)
    else:
        x = float(x)
        value = 0.0
    for c in reversed(coefficients):
        value = value * x + float(c)
    return value


def derivative(coefficients: Sequence[float]) -> list[float]:
    """Coefficients of the derivative, the constant first; [0.0] for a constant.

    Raises ValueError, naming coefficients, when there are none.
    """
    if len(coefficients) == 0:
        raise ValueError("coefficients must not be empty")
    if len(coefficients) == 1:
        return [0.0]
    return [k * float(coefficients[k]) for k in range(1, len(coefficients))]


def descend(
    coefficients: Sequence[float],
    start: float,
    learning_rate: float,
    max_steps: int = 1000,
    tolerance: float = 1e-6,
    limit: float = 1e9,
) -> Descent:
    """Follow the slope downhill from `start` until it is flat, away, or max_steps steps are taken.

    Raises ValueError, naming the argument, unless learning_rate is positive and finite and start is finite.
    """
    if not (learning_rate > 0 and math.isfinite(learning_rate)):
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    if not math.isfinite(start):
        raise ValueError(f"start must be finite, got {start}")
    slope_coefficients = derivative(coefficients)
    x = float(start)
    xs = [x]
    steps = 0
    while True:
        slope = evaluate(slope_coefficients, x)
        if abs(x) > limit or not math.isfinite(x) or not math.isfinite(slope):
            return Descent(xs, "diverges")
        if abs(slope) <= tolerance:
            return Descent(xs, "converges")
        if steps >= max_steps:
            return Descent(xs, "slow")
        x = x - learning_rate * slope
        xs.append(x)
        steps += 1


def compare_rates(
    coefficients: Sequence[float], start: float, rates: Sequence[float], max_steps: int = 1000
) -> list[Trial]:
    """One descent from `start` for each of `rates`, in their order."""
    trials = []
    for rate in rates:
        walk = descend(coefficients, start, rate, max_steps=max_steps)
        trials.append(Trial(rate, walk.outcome, len(walk.xs) - 1, walk.xs[-1]))
    return trials


def best_rate(trials: Sequence[Trial]) -> float | None:
    """The rate that converges in the fewest steps, the first of equals; None when none converges."""
    best: Trial | None = None
    fewest = 0
    for trial in trials:
        if trial.outcome != "converges":
            continue
        if not fewest or trial.n_steps < fewest:
            best, fewest = trial, trial.n_steps
    return None if best is None else best.rate
