"""Signatures are named, so that the import compiles; steps are functions of their own."""

import numpy
from numba import jit, njit


@njit(inline="always")
def squared_distance(a, b):
    return ((a - b) ** 2).sum()


@jit(["float64[:](float64[::1], float64)", "float64[:](int64[::1], float64)"], nopython=True)
def smooth(x, alpha):
    if alpha <= 0 or alpha > 1 or alpha != alpha:
        raise ValueError("alpha")
    s = numpy.full(x.size, numpy.nan)
    last = numpy.nan
    i = 0
    while i < x.size:
        value = numpy.float64(x[i])
        if value == value:
            last = value if last != last else last + alpha * (value - last)
        s[i] = last
        i += 1
    return s


@njit
def nearest(points, centres):
    n, d = points.shape
    k, e = centres.shape
    if d != e or not k:
        raise ValueError("points and centres do not fit")
    found = numpy.empty(n, numpy.int64)
    for i, point in enumerate(points):
        distances = numpy.empty(k)
        for j in range(k):
            distances[j] = squared_distance(point, centres[j])
        found[i] = distances.argmin()
    return found


def warm_up():
    numbers = numpy.array([[1.0, 2.0]])
    smooth(numbers[0], 1.0)
    nearest(numbers, numbers)
