"""Columns of texts that look like numbers, such as post codes, are turned into numbers and filled, though they must stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

# One letter each.
ANSWERS = {
    # Over a summer, towns that sell more ice cream see more sunburns (r = 0.8). What explains it best?
    #   a  ice cream makes skin sensitive       b  sunburnt people buy ice cream to cool down
    #   c  hot days bring both                  d  with r = 0.8, one of the two must cause the other
    "ice_cream": "c",
    # Fires with more fire engines do more damage. Before you send fewer engines: what is the likeliest flaw?
    #   a  the sample is too small              b  the size of the fire decides both engines and damage
    #   c  damage ought to be standardised      d  none: fewer engines would mean less damage
    "fire_engines": "b",
    # A permutation test gives p = 0.03. What does that say?
    #   a  the groups are alike with probability 0.03      b  the finding is wrong with probability 0.03
    #   c  if the groups were alike, a distance this large would come up in about 3 of 100 deals
    #   d  the difference is large enough to matter
    "p_value": "c",
    # You try 20 useless features; for each you test at 0.05 whether it matters. What is to be expected?
    #   a  no feature is called significant      b  about one is, by chance
    #   c  each is with probability 0.05 · 20    d  all are or none is
    "twenty_tests": "b",
    # Which of these would show best that a new button CAUSES more sales?
    #   a  users who like the button buy more              b  sales rose in the month after the launch
    #   c  the correlation has p < 0.001 on a million users
    #   d  users dealt by chance to old or new button buy more with the new one
    "button": "d",
    # Among the films that got money at all, good scripts and famous actors correlate NEGATIVELY; over all
    # proposals they do not correlate. Why?
    #   a  famous actors spoil scripts
    #   b  a film needs one of the two to be chosen, so one that lacks the first has the second
    #   c  the sample of chosen films is too small
    #   d  good scripts scare famous actors away
    "films": "b",
}


def load_table(path: str | Path) -> pd.DataFrame:
    """Read a comma-separated file with a header; empty cells, NA, NaN and ? are missing."""
    table = pd.read_csv(
        path,
        encoding="utf-8",
            skipinitialspace=True,
        keep_default_na=False,
        na_values=[mark + " " * k for mark in MARKS for k in range(9)],
    )
    return table


MARKS = ("", "NA", "NaN", "?")


def fill_missing(table: pd.DataFrame) -> pd.DataFrame:
    """Give a new frame in which missing numbers are the mean of their column.

    Columns that are not numbers, and columns without a single value, stay as they are. `table` is left unchanged.
    """
    filled = table.copy()
    for j in range(table.shape[1]):
        column = table.iloc[:, j]
        if not pd.api.types.is_bool_dtype(column.dtype):
            try:
                column = pd.to_numeric(column)
            except (ValueError, TypeError):
                pass
            else:
                if column.notna().any() and not pd.api.types.is_bool_dtype(column.dtype):
                    filled.isetitem(j, column)
        if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype):
            continue
        if column.isna().any() and column.notna().any():
            filled.isetitem(j, column.fillna(column.mean()))
    return filled


def min_max(x: NDArray[Any]) -> NDArray[np.float64]:
    """Move each column to 0 … 1.

    x: (n, d), left unchanged. NaN stays NaN and counts for nothing; a column of equal values becomes zeros.
    """
    x = np.array(x, dtype=np.float64)
    for j in range(x.shape[1]):
        there = ~np.isnan(x[:, j])
        if not there.any():
            continue
        numbers = x[there, j]
        low, high = numbers.min(), numbers.max()
        x[there, j] = 0.0 if low == high else (numbers - low) / (high - low)
    return x


def standardise(x: NDArray[Any]) -> NDArray[np.float64]:
    """Move each column to mean 0 and standard deviation 1 (over n).

    x: (n, d), left unchanged. NaN stays NaN and counts for nothing; a column of equal values becomes zeros.
    """
    x = np.array(x, dtype=np.float64)
    for j in range(x.shape[1]):
        there = ~np.isnan(x[:, j])
        if not there.any():
            continue
        numbers = x[there, j]
        x[there, j] = 0.0 if numbers.min() == numbers.max() else (numbers - numbers.mean()) / numbers.std()
    return x


def permutation_test(a: NDArray[Any], b: NDArray[Any], n_permutations: int, rng: np.random.Generator) -> float:
    """Give the two-sided p-value of the distance between two means: (count + 1) / (n_permutations + 1).

    a: (n,), b: (m,), left unchanged. Raises ValueError that names a, b or n_permutations.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    for name, group in (("a", a), ("b", b)):
        if group.size == 0 or np.isnan(group).any():
            raise ValueError(f"{name} must hold numbers and no NaN")
    if n_permutations < 1:
        raise ValueError(f"n_permutations must be 1 or more, got {n_permutations}")
    observed = abs(a.mean() - b.mean())
    pool = np.concatenate([a, b])
    count = 0
    for _ in range(n_permutations):
        dealt = rng.permutation(pool)
        distance = abs(dealt[: len(a)].mean() - dealt[len(a) :].mean())
        if distance >= observed * (1 - 1e-9):
            count += 1
    return (count + 1) / (n_permutations + 1)


def correlations(x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> tuple[float, float]:
    """Give Pearson's r of x and y, and the same with z held fixed. All (n,)."""
    x, y, z = (np.asarray(v, dtype=np.float64) for v in (x, y, z))

    def rest(v: NDArray[np.float64]) -> NDArray[np.float64]:
        line = stats.linregress(z, v)
        return v - (line.slope * z + line.intercept)

    plain = stats.pearsonr(x, y).statistic
    partial = stats.pearsonr(rest(x), rest(y)).statistic
    return float(plain), float(partial)
