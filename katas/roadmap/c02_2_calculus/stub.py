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
    raise NotImplementedError


def derivative(coefficients: Sequence[float]) -> list[float]:
    """Coefficients of the derivative, the constant first; [0.0] for a constant.

    Raises ValueError, naming coefficients, when there are none.
    """
    raise NotImplementedError


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
    raise NotImplementedError


def compare_rates(
    coefficients: Sequence[float], start: float, rates: Sequence[float], max_steps: int = 1000
) -> list[Trial]:
    """One descent from `start` for each of `rates`, in their order."""
    raise NotImplementedError


def best_rate(trials: Sequence[Trial]) -> float | None:
    """The rate that converges in the fewest steps, the first of equals; None when none converges."""
    raise NotImplementedError
