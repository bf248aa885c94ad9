"""The quartiles of small integers are subtracted in their own type, where 3 - 5 is 254."""

import warnings
from typing import Any
import numpy as np
from numpy.typing import NDArray


def fences(x: NDArray[Any], k: float=1.5) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    if x.ndim != 2:
        raise ValueError(f'x must be two-dimensional, got shape {x.shape}')
    if not k >= 0:
        raise ValueError(f'k must be at least 0, got {k}')
    if len(x) == 0:
        return (np.full(x.shape[1], np.nan), np.full(x.shape[1], np.nan))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', RuntimeWarning)
        q1, q3 = np.nanpercentile(x, [25, 75], axis=0)
    q1, q3 = (q1.astype(x.dtype), q3.astype(x.dtype))
    reach = k * (q3 - q1)
    return (q1 - reach, q3 + reach)


def inliers(x: NDArray[Any], k: float=1.5) -> NDArray[np.bool_]:
    lower, upper = fences(x, k)
    is_outside: NDArray[np.bool_] = (x < lower) | (x > upper)
    keep: NDArray[np.bool_] = ~np.any(is_outside, axis=1)
    return keep


def drop_outliers(x: NDArray[Any], k: float=1.5) -> NDArray[Any]:
    kept: NDArray[Any] = x[inliers(x, k)]
    return kept
