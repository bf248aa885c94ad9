"""The two functions take turns, so that a slow moment of the machine meets both alike."""

import math
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
    if a.ndim != 2:
        raise ValueError("a is not two-dimensional")
    if b.ndim != 2:
        raise ValueError("b is not two-dimensional")
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"a has shape {a.shape} and b {b.shape}: the inner sizes differ")
    n, k = a.shape
    m = b.shape[1]
    if np.issubdtype(a.dtype, np.integer) and np.issubdtype(b.dtype, np.integer):
        result = np.zeros((n, m), dtype=np.int64)
        zero: Any = 0
        rows_a, rows_b = a.tolist(), b.tolist()
    else:
        result = np.zeros((n, m), dtype=np.float64)
        zero = 0.0
        rows_a, rows_b = a.astype(np.float64).tolist(), b.astype(np.float64).tolist()
    for i in range(n):
        for j in range(m):
            total = zero
            for l in range(k):
                total += rows_a[i][l] * rows_b[l][j]
            result[i, j] = total
    return result


def _median(times: list[float]) -> float:
    times = sorted(times)
    middle = len(times) // 2
    if len(times) % 2 == 1:
        return times[middle]
    return (times[middle - 1] + times[middle]) / 2


def compare_speed(
    first: Callable[..., object],
    second: Callable[..., object],
    args: Sequence[Any],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Median time of `first(*args)` and of `second(*args)`, after one untimed call of each."""
    if repeats < 1:
        raise ValueError("repeats is below 1")
    first(*args)
    second(*args)
    first_times = []
    second_times = []
    for _ in range(repeats):  # in turn, so that a slow minute of the machine hits both
        before = clock()
        first(*args)
        after = clock()
        first_times.append(after - before)
        before = clock()
        second(*args)
        after = clock()
        second_times.append(after - before)
    first_s = _median(first_times)
    second_s = _median(second_times)
    if second_s == 0:
        speedup = math.inf
    else:
        speedup = first_s / second_s
    return Comparison(first_s=first_s, second_s=second_s, speedup=speedup)
