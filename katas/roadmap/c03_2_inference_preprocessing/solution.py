"""From a table with holes to a p-value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def fill_missing(table: pd.DataFrame) -> pd.DataFrame:
    """Return a new frame in which each missing number is the mean of its column; other columns stay as they are."""
    # For pandas durations are numbers too, and Int64 has no room for a mean of 1.5.
    numbers = table.select_dtypes("number", exclude="timedelta").astype("float64")
    filled = table.copy()
    filled[numbers.columns] = numbers.fillna(numbers.mean())
    return filled


def min_max(x: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Return each column moved to 0 … 1.

    x: (rows, columns). NaN stays NaN and counts for nothing; a column of equal values becomes zeros.
    """
    values = np.asarray(x, dtype=np.float64)  # differences of uint8 would wrap around
    moved = values - np.nanmin(values, axis=0)
    return _divided(moved, np.nanmax(moved, axis=0))


def standardise(x: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Return each column moved to mean 0 and standard deviation 1 (over n).

    x: (rows, columns). NaN stays NaN and counts for nothing; a column of equal values becomes zeros.
    """
    values = np.asarray(x, dtype=np.float64)
    # The mean of equal values may miss them by a rounding, and the deviation is then not 0. From its least value on,
    # such a column is exactly 0, and so are its mean and its deviation.
    moved = values - np.nanmin(values, axis=0)
    return _divided(moved - np.nanmean(moved, axis=0), np.nanstd(moved, axis=0))


def _divided(x: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return x / by; where by is 0, so is the whole column of x."""
    return x / np.where(by == 0, 1.0, by)


def permutation_test(a: NDArray[Any], b: NDArray[Any], n_permutations: int, rng: np.random.Generator) -> float:
    """Return the two-sided p-value of the distance between two means: (count + 1) / (n_permutations + 1).

    a: (n,), b: (m,). Raises ValueError when one is empty or holds NaN.
    """
    pool = np.concatenate([a, b]).astype(np.float64)  # (n + m,)
    if len(a) == 0 or len(b) == 0 or np.isnan(pool).any():
        raise ValueError("a and b must hold values, and none of them NaN")
    observed = _distance(pool, len(a))
    count = 0
    for _ in range(n_permutations):
        # If the labels a and b mean nothing, any deal of the pool was as likely as the one that was seen.
        # Equal distances may differ in their last digits, by the order of their sums.
        count += _distance(rng.permutation(pool), len(a)) >= observed * (1 - 1e-9)
    # The deal that was seen is one of the possible ones too: + 1, so p is never 0.
    return (count + 1) / (n_permutations + 1)


def _distance(pool: NDArray[np.float64], n: int) -> float:
    """Return how far the mean of the first n values is from that of the others."""
    return abs(float(pool[:n].mean() - pool[n:].mean()))


# `scipy.stats.permutation_test` runs over every deal when they are few, and takes any statistic. In practice means and
# ranges are learned on the training part alone (scikit-learn's SimpleImputer, MinMaxScaler and StandardScaler in a
# Pipeline), or the test part leaks into them. And a small p-value is no cause: that takes groups dealt by chance.
