"""max_steps + 1 steps are taken before it counts as slow."""


from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Descent:

    xs: list[float]
    outcome: str


@dataclass(frozen=True)
class Trial:

    rate: float
    outcome: str
    n_steps: int
    x: float


@overload
def evaluate(coefficients: Sequence[float], x: float) -> float: ...
@overload
def evaluate(coefficients: Sequence[float], x: NDArray[Any]) -> NDArray[np.float64]: ...
def evaluate(coefficients: Sequence[float], x: Any) -> Any:
    _require_coefficients(coefficients)
    points = x.astype(np.float64) if isinstance(x, np.ndarray) else float(x)
    last = float(coefficients[-1])
    value: Any = np.full(x.shape, last) if isinstance(x, np.ndarray) else last
    for c in reversed(coefficients[:-1]):
        value = value * points + c
    return value


def derivative(coefficients: Sequence[float]) -> list[float]:
    _require_coefficients(coefficients)
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
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    if not math.isfinite(start):
        raise ValueError(f"start must be finite, got {start}")
    slopes = derivative(coefficients)
    xs = [float(start)]
    while True:
        x = xs[-1]
        slope = evaluate(slopes, x)
        if abs(x) > limit or not (math.isfinite(x) and math.isfinite(slope)):
            return Descent(xs, "diverges")
        if abs(slope) <= tolerance:
            return Descent(xs, "converges")
        if len(xs) > max_steps + 1:
            return Descent(xs, "slow")
        xs.append(x - learning_rate * slope)


def compare_rates(
    coefficients: Sequence[float], start: float, rates: Sequence[float], max_steps: int = 1000
) -> list[Trial]:
    trials = []
    for rate in rates:
        descent = descend(coefficients, start, rate, max_steps)
        trials.append(Trial(rate, descent.outcome, len(descent.xs) - 1, descent.xs[-1]))
    return trials


def best_rate(trials: Sequence[Trial]) -> float | None:
    converging = [trial for trial in trials if trial.outcome == "converges"]
    return min(converging, key=lambda trial: trial.n_steps).rate if converging else None
