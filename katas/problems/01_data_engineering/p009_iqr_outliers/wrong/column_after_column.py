"""The columns are judged one after the other, each by the fences of the rows that the earlier ones left. The
task judges all by the fences of the whole x."""

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
    return lower, upper


def inliers(x: NDArray[Any], k: float = 1.5) -> NDArray[np.bool_]:
    """Which rows have no value outside the fences of its column; a value on a fence is inside."""
    fences(x, k)
    keep = np.ones(len(x), dtype=bool)
    for j in range(x.shape[1]):
        lower, upper = fences(x[keep, j : j + 1], k)
        keep &= ~((x[:, j] < lower) | (x[:, j] > upper))
    return keep


def drop_outliers(x: NDArray[Any], k: float = 1.5) -> NDArray[Any]:
    """The rows of `x` that are inliers, in their order."""
    return x[inliers(x, k)]
