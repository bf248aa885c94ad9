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
    if x.ndim != 2:
        raise ValueError(f"x must be two-dimensional, got shape {x.shape}")
    # Asked this way round, NaN is refused too: it is not at least 0, nor below it.
    if not k >= 0:
        raise ValueError(f"k must be at least 0, got {k}")
    # np.percentile would return NaN for a column with a single missing value.
    q1, q3 = np.nanpercentile(x, [25, 75], axis=0)  # (d,) each, floats for integers too
    reach = k * (q3 - q1)
    return q1 - reach, q3 + reach


def inliers(x: NDArray[Any], k: float = 1.5) -> NDArray[np.bool_]:
    """Which rows have no value outside the fences of its column; a value on a fence is inside.

    x, k: as for fences; a missing value is never outside.
    Returns (n,) bool.
    """
    lower, upper = fences(x, k)
    # Every comparison with NaN is False. Asking who is *outside* therefore keeps missing values (and columns whose
    # fences are missing); asking who is inside would throw them all out.
    is_outside: NDArray[np.bool_] = (x < lower) | (x > upper)  # (n, d): the fences are stretched over the rows
    keep: NDArray[np.bool_] = ~np.any(is_outside, axis=1)  # (n,)
    return keep


def drop_outliers(x: NDArray[Any], k: float = 1.5) -> NDArray[Any]:
    """The rows of `x` that are inliers, in their order.

    x, k: as for fences.
    Returns (kept, d), a new array of the dtype of x.
    """
    # Indexing with a mask keeps order and dtype, and always copies.
    kept: NDArray[Any] = x[inliers(x, k)]
    return kept


# In real life the fences are *learned*: a pipeline computes them on the training rows and applies them to new ones, as
# scikit-learn's RobustScaler does with median and IQR. For skewed columns take logarithms first, or the long tail
# is cut off as noise.
