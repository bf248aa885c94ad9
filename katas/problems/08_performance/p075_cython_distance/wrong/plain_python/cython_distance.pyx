import math

import numpy as np


def pairwise(a, b, p=2.0):
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        raise TypeError("a and b must be arrays")
    if a.dtype != np.float64 or b.dtype != np.float64 or a.ndim != 2 or b.ndim != 2:
        raise TypeError("a and b must be two-dimensional float64 arrays")
    if a.shape[1] != b.shape[1]:
        raise ValueError("a and b differ in the number of features")
    if not math.isfinite(p) or p < 1:
        raise ValueError("p must be a finite number of at least 1")
    out = np.empty((len(a), len(b)))
    for i in range(len(a)):
        for j in range(len(b)):
            total = 0.0
            for k in range(a.shape[1]):
                total += abs(a[i, k] - b[j, k]) ** p
            out[i, j] = total ** (1 / p)
    return out
