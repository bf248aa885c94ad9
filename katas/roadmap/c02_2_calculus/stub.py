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
    raise NotImplementedError


def derivative(coefficients: Sequence[float]) -> list[float]:
    """Return the coefficients of the derivative, the constant first; [0.0] for a constant."""
    raise NotImplementedError


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
    raise NotImplementedError


def compare_rates(
    coefficients: Sequence[float], start: float, rates: Sequence[float], max_steps: int = 1000
) -> list[Trial]:
    """Return how a descent from `start` ends with each of `rates`, in their order."""
    raise NotImplementedError


def best_rate(trials: Sequence[Trial]) -> float | None:
    """Return the rate that converges in the fewest steps, the first of equals; None when none converges."""
    raise NotImplementedError
