"""Three nested loops over indices, as in a textbook."""
import time
from dataclasses import dataclass

import numpy as np


@dataclass
class Comparison:
    first_s: float
    second_s: float
    speedup: float


def matmul(a, b):
    for name, matrix in {"a": a, "b": b}.items():
        if len(matrix.shape) != 2:
            raise ValueError("argument " + name + " is no matrix")
    (n, k), (k2, m) = a.shape, b.shape
    if k != k2:
        raise ValueError("shapes " + str(a.shape) + " and " + str(b.shape))
    exact = np.issubdtype(a.dtype, np.integer) and np.issubdtype(b.dtype, np.integer)
    c = np.zeros((n, m), dtype="int64" if exact else "float64")
    for i in range(n):
        for j in range(m):
            for l in range(k):
                c[i, j] += int(a[i, l]) * int(b[l, j]) if exact else float(a[i, l]) * float(b[l, j])
    return c


def compare_speed(first, second, args, repeats=5, clock=time.perf_counter):
    if not repeats >= 1:
        raise ValueError(f"repeats={repeats}")

    def timed(function):
        start = clock()
        function(*args)
        return clock() - start

    result = []
    for function in (first, second):
        timed(function)
        times = sorted(timed(function) for _ in range(repeats))
        middle = repeats // 2
        result.append(times[middle] if repeats % 2 else (times[middle - 1] + times[middle]) / 2)
    return Comparison(*result, speedup=float("inf") if result[1] == 0 else result[0] / result[1])
