"""Minimum and maximum are taken over the whole table, not down each column."""

from __future__ import annotations

from pathlib import Path
from typing import Any
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

ANSWERS = {"ice_cream": "c", "fire_engines": "b", "p_value": "c", "twenty_tests": "b", "button": "d", "films": "b"}


def load_table(path: str | Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\\s*,\\s*", engine="python", na_values=["?", "NA", "NaN", ""], encoding="utf-8")


def fill_missing(table: pd.DataFrame) -> pd.DataFrame:
    means = table.select_dtypes("number").mean()
    return table.fillna(means.to_dict())


def min_max(x: NDArray[Any]) -> NDArray[np.float64]:
    values = np.array(x, dtype=np.float64)
    low = np.nanmin(values)
    high = np.nanmax(values)
    span = np.where(high > low, high - low, 1.0)
    return (values - low) / span


def standardise(x: NDArray[Any]) -> NDArray[np.float64]:
    values = np.array(x, dtype=np.float64)
    present = ~np.isnan(values)
    count = np.maximum(present.sum(axis=0), 1)
    moved = values - np.where(present, values, 0.0).sum(axis=0) / count
    std = np.sqrt((np.where(present, moved, 0.0) ** 2).sum(axis=0) / count)
    equal = np.fmin.reduce(values, axis=0, initial=np.nan) == np.fmax.reduce(values, axis=0, initial=np.nan)
    return np.where(present & equal, 0.0, moved / np.where(equal | (std == 0), 1.0, std))


def permutation_test(a: NDArray[Any], b: NDArray[Any], n_permutations: int, rng: np.random.Generator) -> float:
    one, other = (np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    for name, group in (("a", one), ("b", other)):
        if group.size == 0 or np.isnan(group).any():
            raise ValueError(f"{name} must hold values, and none of them NaN")
    if n_permutations < 1:
        raise ValueError(f"n_permutations must be at least 1, got {n_permutations}")
    observed = abs(one.mean() - other.mean())
    pool = np.concatenate([one, other])
    count = 0
    for _ in range(n_permutations):
        dealt = rng.permutation(pool)
        distance = abs(dealt[: len(one)].mean() - dealt[len(one) :].mean())
        count += bool(distance >= observed * (1 - 1e-09))
    return (count + 1) / (n_permutations + 1)


def correlations(x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> tuple[float, float]:
    plain = stats.pearsonr(x, y).statistic
    partial = stats.pearsonr(_without(z, x), _without(z, y)).statistic
    return (float(plain), float(partial))


def _without(z: NDArray[Any], x: NDArray[Any]) -> NDArray[np.float64]:
    fit = stats.linregress(z, x)
    return np.asarray(x - (fit.intercept + fit.slope * np.asarray(z)), dtype=np.float64)
