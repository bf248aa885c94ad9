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
    _require_coefficients(coefficients)
    # Floats from the start: uint8 would wrap around, and the exponents of an int array may overflow.
    points = x.astype(np.float64) if isinstance(x, np.ndarray) else float(x)
    last = float(coefficients[-1])
    value: Any = np.full(x.shape, last) if isinstance(x, np.ndarray) else last
    # Horner: 2 + 3x + x² = 2 + x (3 + x). No powers: half the work, and what is too large becomes inf without an error.
    for c in reversed(coefficients[:-1]):
        value = value * points + c
    return value


def derivative(coefficients: Sequence[float]) -> list[float]:
    """Coefficients of the derivative, the constant first; [0.0] for a constant.

    Raises ValueError, naming coefficients, when there are none.
    """
    _require_coefficients(coefficients)
    # The constant falls away; every other power comes down as a factor and moves one place to the front.
    return [float(k * c) for k, c in enumerate(coefficients)][1:] or [0.0]


def _require_coefficients(coefficients: Sequence[float]) -> None:
    if len(coefficients) == 0:
        raise ValueError("coefficients must hold at least the constant")


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
    # NaN fails every comparison, so this form refuses it too.
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    if not math.isfinite(start):
        raise ValueError(f"start must be finite, got {start}")
    slopes = derivative(coefficients)
    xs = [float(start)]
    while True:
        x = xs[-1]
        slope = evaluate(slopes, x)
        # Flight is asked for first: a slope that is NaN is not small, and would walk on to the last step.
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
    """One descent from `start` for each of `rates`, in their order."""
    trials = []
    for rate in rates:
        descent = descend(coefficients, start, rate, max_steps)
        trials.append(Trial(rate, descent.outcome, len(descent.xs) - 1, descent.xs[-1]))
    return trials


def best_rate(trials: Sequence[Trial]) -> float | None:
    """The rate that converges in the fewest steps, the first of equals; None when none converges."""
    converging = [trial for trial in trials if trial.outcome == "converges"]
    # min keeps the first of equals.
    return min(converging, key=lambda trial: trial.n_steps).rate if converging else None


# numpy.polynomial.Polynomial holds its coefficients the same way round and has .deriv(); np.polyval, older, has the
# highest power first. Frameworks find the slope of any program by automatic differentiation, and optimisers such as
# Adam give every weight a rate of its own, because no single one suits all.
