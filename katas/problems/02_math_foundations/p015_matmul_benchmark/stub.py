"""A matrix product by hand, and a fair race against another."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Comparison:
    """Median seconds of two functions; speedup is first_s / second_s, inf where second_s is 0."""

    first_s: float
    second_s: float
    speedup: float


def matmul(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """The matrix product of `a` and `b`, without NumPy's own.

    a: (n, k), b: (k, m), integers or floats, finite; left unchanged.
    Returns (n, m): int64 where both hold integers, else float64.
    Raises ValueError when a or b is not two-dimensional or the inner sizes differ.
    """
    raise NotImplementedError


def compare_speed(
    first: Callable[..., object],
    second: Callable[..., object],
    args: Sequence[Any],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Median time of `first(*args)` and of `second(*args)`, after one untimed call of each.

    repeats: timed calls of each function. clock: returns seconds; read before and after each timed call.
    Raises ValueError when repeats is below 1.
    """
    raise NotImplementedError
