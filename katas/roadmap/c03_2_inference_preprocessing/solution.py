"""From a table with holes to a p-value, and what neither of them proves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

ANSWERS = {
    "ice_cream": "c",  # a confounder: heat moves both
    "fire_engines": "b",  # a confounder again, and acting on the correlation would cost houses
    "p_value": "c",  # a statement about the data if nothing were going on, not about the hypothesis
    "twenty_tests": "b",  # 20 · 0.05 = 1 false alarm to be expected
    "button": "d",  # dealing by chance cuts every other cause
    "films": "b",  # selection makes a correlation (Berkson's paradox)
}


def load_table(path: str | Path) -> pd.DataFrame:
    """Read a comma-separated file with a header; empty cells, NA, NaN and ? are missing."""
    # A blank before the comma would make "? " a text, so both sides of it are taken away.
    return pd.read_csv(path, sep=r"\s*,\s*", engine="python", na_values=["?", "NA", "NaN", ""], encoding="utf-8")


def fill_missing(table: pd.DataFrame) -> pd.DataFrame:
    """Give a new frame in which missing numbers are the mean of their column."""
    # "number" leaves out texts and bools; pandas' mean leaves out what is missing.
    means = table.select_dtypes("number").mean()
    return table.fillna(means.to_dict())


def min_max(x: NDArray[Any]) -> NDArray[np.float64]:
    """Move each column to 0 … 1."""
    values = np.array(x, dtype=np.float64)  # (n, d): a copy, and uint8 cannot wrap around
    # fmin and fmax prefer the number to the NaN, and say nothing about a column of NaN alone (nanmin warns).
    low = np.fmin.reduce(values, axis=0, initial=np.nan)  # (d,)
    high = np.fmax.reduce(values, axis=0, initial=np.nan)
    # A column without range: its zeros are divided by 1.
    span = np.where(high > low, high - low, 1.0)
    return np.asarray((values - low) / span, dtype=np.float64)


def standardise(x: NDArray[Any]) -> NDArray[np.float64]:
    """Move each column to mean 0 and standard deviation 1 (over n)."""
    values = np.array(x, dtype=np.float64)
    present = ~np.isnan(values)
    # Counted by hand because nanmean warns when nothing is there; a count of 0 meets only zeros.
    count = np.maximum(present.sum(axis=0), 1)  # (d,)
    moved = values - np.where(present, values, 0.0).sum(axis=0) / count
    std = np.sqrt((np.where(present, moved, 0.0) ** 2).sum(axis=0) / count)
    # The mean of equal values may miss them by a rounding, so equality is asked, not std == 0.
    equal = np.fmin.reduce(values, axis=0, initial=np.nan) == np.fmax.reduce(values, axis=0, initial=np.nan)
    return np.where(present & equal, 0.0, moved / np.where(equal | (std == 0), 1.0, std))


def permutation_test(a: NDArray[Any], b: NDArray[Any], n_permutations: int, rng: np.random.Generator) -> float:
    """Give the two-sided p-value of the distance between two means: (count + 1) / (n_permutations + 1)."""
    one, other = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    for name, group in (("a", one), ("b", other)):
        if group.size == 0 or np.isnan(group).any():
            raise ValueError(f"{name} must hold values, and none of them NaN")
    if n_permutations < 1:
        raise ValueError(f"n_permutations must be at least 1, got {n_permutations}")
    observed = abs(one.mean() - other.mean())
    pool = np.concatenate([one, other])  # (n + m,)
    count = 0
    for _ in range(n_permutations):
        # If the labels mean nothing, any deal of the pool was as likely as the one that was seen.
        dealt = rng.permutation(pool)
        distance = abs(dealt[: len(one)].mean() - dealt[len(one) :].mean())
        # Equal distances may differ in the last digit, by the order of their sums.
        count += bool(distance >= observed * (1 - 1e-9))
    # The deal that was seen is one of the possible ones too: + 1, so p is never 0.
    return (count + 1) / (n_permutations + 1)


def correlations(x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> tuple[float, float]:
    """Give Pearson's r of x and y, and the same with z held fixed."""
    plain = stats.pearsonr(x, y).statistic
    partial = stats.pearsonr(_without(z, x), _without(z, y)).statistic
    return float(plain), float(partial)


def _without(z: NDArray[Any], x: NDArray[Any]) -> NDArray[np.float64]:
    """What is left of x when its straight line in z is taken away."""
    fit = stats.linregress(z, x)
    return np.asarray(x - (fit.intercept + fit.slope * np.asarray(z)), dtype=np.float64)


# `scipy.stats.permutation_test` runs over every deal when they are few, and takes any statistic. In practice the means
# and ranges are learned on the training part alone (scikit-learn's SimpleImputer, MinMaxScaler and StandardScaler in a
# Pipeline), or the test part leaks into them. Which variables to hold fixed is not a matter of statistics: it needs a
# picture of what causes what (Pearl, "The Book of Why").
