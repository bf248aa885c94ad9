"""Distances between the rows of two arrays, compiled."""


def pairwise(a, b, p=2.0):
    """Minkowski distance of every row of `a` from every row of `b`.

    a: (n, d) float64, b: (m, d) float64; any strides, may be read-only.
    p: finite, at least 1; 2 is the Euclidean distance.
    Returns a new (n, m) float64 array. Other Python threads run meanwhile.
    Raises TypeError or ValueError for another dtype, number of axes, or None;
    ValueError when d differs, or p is below 1 or not finite.
    """
    raise NotImplementedError
