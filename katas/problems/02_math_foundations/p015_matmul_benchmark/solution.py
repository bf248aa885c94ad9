"""A matrix product by hand, and a fair race against another."""

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
    """The matrix product of `a` and `b`, without NumPy's own.

    a: (n, k), b: (k, m), integers or floats, finite; left unchanged.
    Returns (n, m): int64 where both hold integers, else float64.
    Raises ValueError when a or b is not two-dimensional or the inner sizes differ.
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError(f"a of shape {a.shape} and b of shape {b.shape} have no matrix product")

    # Decided before the loops: a result array of integers would cut the floats that are written into it.
    both_integer = np.issubdtype(a.dtype, np.integer) and np.issubdtype(b.dtype, np.integer)
    product = np.zeros((a.shape[0], b.shape[1]), dtype=np.int64 if both_integer else np.float64)  # (n, m)
    # Plain Python numbers neither wrap around as uint8 does nor round as float32 does, and lists are read faster.
    rows, columns = a.tolist(), b.T.tolist()
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            total = 0
            for x, y in zip(row, column, strict=True):
                total += x * y
            product[i, j] = total
    return product


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
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    first_s = _median_s(first, args, repeats, clock)
    second_s = _median_s(second, args, repeats, clock)
    # A coarse clock may see no time pass at all.
    return Comparison(first_s, second_s, first_s / second_s if second_s else math.inf)


def _median_s(function: Callable[..., object], args: Sequence[Any], repeats: int, clock: Callable[[], float]) -> float:
    # The first call pays for imports, page faults and cold caches, which are not the function's own.
    function(*args)
    times = []
    for _ in range(repeats):
        start = clock()
        function(*args)
        times.append(clock() - start)
    # One call that the operating system interrupts drags the mean along; the median does not move.
    return statistics.median(times)


# NumPy hands the product to BLAS: the same n·m·k multiplications, but in blocks that stay in the cache, several per
# instruction and on several cores. For timing, `timeit` also switches the garbage collector off and repeats fast
# functions many times per reading; it reports the minimum, which suits code whose only noise is other programs.
