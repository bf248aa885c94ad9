"""Calls two functions that both took 0 seconds equally fast, with a speedup of 1, where the task says infinite."""

import math
import statistics
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
    """The matrix product of `a` and `b`, without NumPy's own."""
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 2:
        raise ValueError(f"a must be two-dimensional, not {a.shape}")
    if b.ndim != 2:
        raise ValueError(f"b must be two-dimensional, not {b.shape}")
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"the inner sizes differ: {a.shape} and {b.shape}")
    whole = a.dtype.kind in "iu" and b.dtype.kind in "iu"
    kind = np.int64 if whole else np.float64
    result = np.zeros((a.shape[0], b.shape[1]), dtype=kind)
    left, right = a.astype(kind), b.astype(kind)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = kind(0)
            for k in range(a.shape[1]):
                total += left[i, k] * right[k, j]
            result[i, j] = total
    return result


def _median_time(function: Callable[..., object], args: Sequence[Any], repeats: int, clock: Callable[[], float]) -> float:
    function(*args)
    times = []
    for _ in range(repeats):
        start = clock()
        function(*args)
        times.append(clock() - start)
    return statistics.median(times)


def compare_speed(
    first: Callable[..., object],
    second: Callable[..., object],
    args: Sequence[Any],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Median time of `first(*args)` and of `second(*args)`, after one untimed call of each."""
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    first_s = _median_time(first, args, repeats, clock)
    second_s = _median_time(second, args, repeats, clock)
    return Comparison(first_s, second_s, 1.0 if first_s == second_s else math.inf if second_s == 0 else first_s / second_s)
