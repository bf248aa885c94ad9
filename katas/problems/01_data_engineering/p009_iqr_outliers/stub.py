"""Tukey's fences: keep the rows whose values are not far outside the quartiles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fences(x: NDArray[Any], k: float = 1.5) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Lower and upper fence of each column: Q1 - k IQR and Q3 + k IQR.

    x: (n, d) integers or floats, NaN where a value is missing; left unchanged.
    Returns two arrays (d,); quartiles by linear interpolation over the values that are there, NaN for a column
    without any.
    Raises ValueError when x is not two-dimensional, or k is below 0 or NaN.
    """
    raise NotImplementedError


def inliers(x: NDArray[Any], k: float = 1.5) -> NDArray[np.bool_]:
    """Which rows have no value outside the fences of its column; a value on a fence is inside.

    x, k: as for fences; a missing value is never outside.
    Returns (n,) bool.
    """
    raise NotImplementedError


def drop_outliers(x: NDArray[Any], k: float = 1.5) -> NDArray[Any]:
    """The rows of `x` that are inliers, in their order.

    x, k: as for fences.
    Returns (kept, d), a new array of the dtype of x.
    """
    raise NotImplementedError
