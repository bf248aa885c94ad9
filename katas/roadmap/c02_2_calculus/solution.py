"""Polynomials, their slopes, and the way down with one learning rate or another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Descent:
    """A walk downhill. xs: all points visited, the start first. outcome: "converges", "slow" or "diverges"."""

    xs: list[float]
    outcome: str


@dataclass(frozen=True)
class Trial:
    """How a descent with one learning rate ended, after how many steps, and at which x."""

    rate: float
    outcome: str
    n_steps: int
    x: float


@overload
def evaluate(coefficients: Sequence[float], x: float) -> float: ...
@overload
def evaluate(coefficients: Sequence[float], x: NDArray[Any]) -> NDArray[np.float64]: ...
def evaluate(coefficients: Sequence[float], x: Any) -> Any:
    """Return the polynomial's value at x: a float for a number, float64 of the same shape for an array.

    coefficients: the constant first.
    """
    # Floats from the start: integers of a fixed size wrap around.
    points = x.astype(np.float64) if isinstance(x, np.ndarray) else float(x)
    # Horner: 2 + 3x + x² = 2 + x (3 + x). No powers: half the work, and what is too large becomes inf without an error.
    # It begins at 0, not at the last coefficient, so that a constant takes the shape of x as well.
    value: Any = 0.0
    for c in reversed(coefficients):
        value = value * points + c
    return value


def derivative(coefficients: Sequence[float]) -> list[float]:
    """Return the coefficients of the derivative, the constant first; [0.0] for a constant."""
    # The constant falls away; every other power comes down as a factor and moves one place to the front.
    return [float(k * c) for k, c in enumerate(coefficients)][1:] or [0.0]


def descend(
    coefficients: Sequence[float],
    start: float,
    learning_rate: float,
    max_steps: int = 1000,
    tolerance: float = 1e-6,
    limit: float = 1e9,
) -> Descent:
    """Walk from `start` against the slope until the walk diverges, converges, or has taken max_steps steps.

    Raises ValueError unless learning_rate is positive and finite.
    """
    # NaN fails every comparison, so this form refuses it, too.
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    slopes = derivative(coefficients)
    xs = [float(start)]
    while True:
        x = xs[-1]
        slope = evaluate(slopes, x)
        # Asked first: a slope that is NaN is not small, and the walk would go on to the last step.
        if abs(x) > limit or not (math.isfinite(x) and math.isfinite(slope)):
            return Descent(xs, "diverges")
        if abs(slope) <= tolerance:
            return Descent(xs, "converges")
        if len(xs) > max_steps:
            return Descent(xs, "slow")
        # The slope points uphill.
        xs.append(x - learning_rate * slope)


def compare_rates(
    coefficients: Sequence[float], start: float, rates: Sequence[float], max_steps: int = 1000
) -> list[Trial]:
    """Return how a descent from `start` ends with each of `rates`, in their order."""
    trials = []
    for rate in rates:
        descent = descend(coefficients, start, rate, max_steps)
        trials.append(Trial(rate, descent.outcome, len(descent.xs) - 1, descent.xs[-1]))
    return trials


def best_rate(trials: Sequence[Trial]) -> float | None:
    """Return the rate that converges in the fewest steps, the first of equals; None when none converges."""
    converging = [trial for trial in trials if trial.outcome == "converges"]
    # min keeps the first of equals.
    return min(converging, key=lambda trial: trial.n_steps).rate if converging else None


# numpy.polynomial.Polynomial holds its coefficients the same way round and has .deriv(); np.polyval, older, has the
# highest power first. Frameworks find the slope of any program by automatic differentiation, and optimisers such as
# Adam give every weight a rate of its own, because no single one suits all.
