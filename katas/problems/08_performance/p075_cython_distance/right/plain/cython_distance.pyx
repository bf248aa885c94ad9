# cython: boundscheck=False, wraparound=False
"""One nest of loops for every order, with p = 2 decided in the innermost line."""

from libc.math cimport fabs, isfinite, pow, sqrt
import numpy as np


def pairwise(const double[:, :] a not None, const double[:, :] b not None, double p=2.0):
    if a.shape[1] != b.shape[1]:
        raise ValueError("a and b differ in the number of features")
    if not isfinite(p) or p < 1.0:
        raise ValueError("p must be a finite number of at least 1")
    result = np.empty((a.shape[0], b.shape[0]))
    cdef double[:, ::1] out = result
    cdef Py_ssize_t i, j, k
    cdef double difference, total
    with nogil:
        for i in range(a.shape[0]):
            for j in range(b.shape[0]):
                total = 0.0
                for k in range(a.shape[1]):
                    difference = fabs(a[i, k] - b[j, k])
                    total = total + (difference * difference if p == 2.0 else pow(difference, p))
                out[i, j] = sqrt(total) if p == 2.0 else pow(total, 1.0 / p)
    return result
