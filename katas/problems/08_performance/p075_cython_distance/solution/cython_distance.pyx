# cython: boundscheck=False, wraparound=False
"""Distances between the rows of two arrays, compiled."""

import numpy as np

# C's own functions: they take and give bare doubles, and `nogil` says that they need no Python.
# (`libc.math`, which comes with Cython, declares the same ones ready for a cimport.)
cdef extern from "<math.h>" nogil:
    bint isfinite(double)
    double fabs(double)
    double pow(double, double)
    double sqrt(double)


def pairwise(const double[:, :] a not None, const double[:, :] b not None, double p=2.0):
    """Minkowski distance of every row of `a` from every row of `b`.

    a: (n, d) float64, b: (m, d) float64; any strides, may be read-only.
    p: finite, at least 1; 2 is the Euclidean distance.
    Returns a new (n, m) float64 array. Other Python threads run meanwhile.
    Raises TypeError or ValueError for another dtype, number of axes, or None;
    ValueError when d differs, or p is below 1 or not finite.
    """
    # The types above do half of the work: Cython refuses whatever is no two-dimensional float64 buffer, `const` lets
    # read-only arrays in, `[:, :]` (not `[:, ::1]`) any strides, and `not None` closes the last gap.
    # Bounds are not checked in this file, so a wrong shape must be caught here: below it would read foreign memory.
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"a and b differ in the number of features: {a.shape[1]} and {b.shape[1]}")
    if not isfinite(p) or p < 1.0:
        raise ValueError(f"p must be a finite number of at least 1, got {p}")

    result = np.empty((a.shape[0], b.shape[0]))
    cdef double[:, ::1] out = result
    # From here on no Python object is touched, so other Python threads may run.
    with nogil:
        if p == 2.0:
            _euclidean(a, b, out)
        else:
            _minkowski(a, b, p, out)
    return result


cdef void _euclidean(const double[:, :] a, const double[:, :] b, double[:, ::1] out) noexcept nogil:
    cdef Py_ssize_t i, j, k
    cdef double difference, total
    for i in range(a.shape[0]):
        for j in range(b.shape[0]):
            total = 0.0
            for k in range(a.shape[1]):
                difference = a[i, k] - b[j, k]
                total = total + difference * difference
            out[i, j] = sqrt(total)


cdef void _minkowski(const double[:, :] a, const double[:, :] b, double p, double[:, ::1] out) noexcept nogil:
    cdef Py_ssize_t i, j, k
    cdef double total
    for i in range(a.shape[0]):
        for j in range(b.shape[0]):
            total = 0.0
            for k in range(a.shape[1]):
                total = total + pow(fabs(a[i, k] - b[j, k]), p)
            out[i, j] = pow(total, 1.0 / p)
