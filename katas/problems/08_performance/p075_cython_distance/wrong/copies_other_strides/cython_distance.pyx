# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
import numpy as np

from libc.math cimport fabs, isinf, isnan, pow, sqrt


def pairwise(const double[:, :] a not None, const double[:, :] b not None, double p=2.0):
    """Minkowski distance of every row of `a` from every row of `b`."""
    cdef Py_ssize_t n = a.shape[0], m = b.shape[0], d = a.shape[1]
    cdef Py_ssize_t i, j, k
    cdef double total, difference, root
    if b.shape[1] != d:
        raise ValueError(f"a has {d} columns, b has {b.shape[1]}")
    if p < 1.0 or isinf(p) or isnan(p):
        raise ValueError(f"p must be finite and at least 1, not {p}")
    cdef const double[:, ::1] a_rows = np.ascontiguousarray(a)  # no copy if contiguous already
    cdef const double[:, ::1] b_rows = np.ascontiguousarray(b)
    result = np.empty((n, m), dtype=np.float64)
    cdef double[:, ::1] out = result
    root = 1.0 / p
    with nogil:
        if p == 2.0:
            for i in range(n):
                for j in range(m):
                    total = 0.0
                    for k in range(d):
                        difference = a_rows[i, k] - b_rows[j, k]
                        total += difference * difference
                    out[i, j] = sqrt(total)
        elif p == 1.0:
            for i in range(n):
                for j in range(m):
                    total = 0.0
                    for k in range(d):
                        total += fabs(a_rows[i, k] - b_rows[j, k])
                    out[i, j] = total
        else:
            for i in range(n):
                for j in range(m):
                    total = 0.0
                    for k in range(d):
                        total += pow(fabs(a_rows[i, k] - b_rows[j, k]), p)
                    out[i, j] = pow(total, root)
    return result
