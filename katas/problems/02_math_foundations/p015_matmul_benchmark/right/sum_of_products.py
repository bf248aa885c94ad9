"""Row after row by broadcasting in a wide type, and sorted times."""
import time
from collections import namedtuple

import numpy as np

Comparison = namedtuple("Comparison", "first_s second_s speedup")


def matmul(a, b):
    if a.ndim != 2:
        raise ValueError("a has to have 2 dimensions")
    if b.ndim != 2:
        raise ValueError("b has to have 2 dimensions")
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"{a.shape} x {b.shape}: no product")
    kind = np.int64 if a.dtype.kind in "iu" and b.dtype.kind in "iu" else np.float64
    a, b = a.astype(kind), b.astype(kind)
    out = np.empty((len(a), b.shape[1]), dtype=kind)
    for i in range(len(a)):
        out[i] = (a[i][:, None] * b).sum(axis=0)
    return out


def compare_speed(first, second, args, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError("repeats < 1")
    first(*args), second(*args)
    times = np.empty((repeats, 2))
    for r in range(repeats):
        for c, function in enumerate((first, second)):
            t0 = clock()
            function(*args)
            t1 = clock()
            times[r, c] = t1 - t0
    one, two = np.median(times, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Comparison(one, two, one / two if two != 0 else np.inf)
