"""The same by pandas' own methods, and a whole table of deals at once."""

import csv

import numpy as np
import pandas as pd
from scipy import stats

ANSWERS = {"ice_cream": "C", "fire_engines": "b", "p_value": "c", "twenty_tests": "b", "button": "d", "films": "b"}


def load_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    table = pd.DataFrame(rows[1:], columns=rows[0]).replace(["", "NA", "NaN", "?"], np.nan)
    for name in table.columns:
        try:
            table[name] = pd.to_numeric(table[name])
        except (ValueError, TypeError):
            pass
    return table


def fill_missing(table):
    out = table.copy()
    for name in out.columns:
        column = out[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) and column.notna().any():
            out[name] = column.fillna(column.mean())
    return out


def min_max(x):
    t = pd.DataFrame(np.array(x, dtype=float))
    return ((t - t.min()) / (t.max() - t.min()).replace(0, 1)).to_numpy()


def standardise(x):
    t = pd.DataFrame(np.array(x, dtype=float))
    std = t.std(ddof=0).where(t.max() > t.min(), 1.0)
    out = (t - t.mean()) / std
    out[out.columns[(t.max() == t.min()).to_numpy()]] *= 0.0
    return out.to_numpy()


def permutation_test(a, b, n_permutations, rng):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.size == 0 or np.isnan(a).any():
        raise ValueError("a")
    if b.size == 0 or np.isnan(b).any():
        raise ValueError("b")
    if n_permutations < 1:
        raise ValueError("n_permutations")
    pool = np.concatenate([a, b])
    deals = rng.permuted(np.tile(pool, (n_permutations, 1)), axis=1)
    distances = np.abs(deals[:, : a.size].mean(axis=1) - deals[:, a.size :].mean(axis=1))
    observed = np.abs(a.mean() - b.mean())
    return float((np.sum(distances >= observed - 1e-9 * observed) + 1) / (n_permutations + 1))


def correlations(x, y, z):
    xy, xz, yz = stats.pearsonr(x, y)[0], stats.pearsonr(x, z)[0], stats.pearsonr(y, z)[0]
    return xy, (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
