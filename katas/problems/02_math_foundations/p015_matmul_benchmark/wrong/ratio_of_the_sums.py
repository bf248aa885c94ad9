"""speedup compares something else than the two figures that are given beside it."""

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
    first_s: float
    second_s: float
    speedup: float


def matmul(a, b):
    for name, table in (('a', a), ('b', b)):
        if table.ndim != 2:
            raise ValueError(f'{name} must be two-dimensional, got shape {table.shape}')
    if a.shape[1] != b.shape[0]:
        raise ValueError(f'a of shape {a.shape} and b of shape {b.shape} do not fit: the inner sizes differ')
    both_integer = np.issubdtype(a.dtype, np.integer) and np.issubdtype(b.dtype, np.integer)
    product = np.zeros((a.shape[0], b.shape[1]), dtype=np.int64 if both_integer else np.float64)
    rows, columns = (a.tolist(), b.T.tolist())
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            total = 0
            for x, y in zip(row, column, strict=True):
                total += x * y
            product[i, j] = total
    return product


def compare_speed(first, second, args, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f'repeats must be at least 1, got {repeats}')
    first_s = _median_s(first, args, repeats, clock)
    second_s = _median_s(second, args, repeats, clock)
    return Comparison(first_s, second_s, round(first_s / second_s) if second_s else math.inf)


def _median_s(function, args, repeats, clock):
    function(*args)
    times = []
    for _ in range(repeats):
        start = clock()
        function(*args)
        times.append(clock() - start)
    return statistics.median(times)
