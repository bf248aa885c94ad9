# cython: boundscheck=False, wraparound=False
from libc.math cimport fabs, isfinite, pow, sqrt

import numpy as np


def pairwise(const double[:, :] a not None, const double[:, :] b not None, double p=2.0):
    if a.shape[1] != b.shape[1]:
        raise ValueError("a and b differ in the number of features")
    if not isfinite(p) or p < 1.0:
        raise ValueError("p must be a finite number of at least 1")
    x, y = np.asarray(a), np.asarray(b)
    return (np.abs(x[:, None, :] - y[None, :, :]) ** p).sum(axis=2) ** (1 / p)
