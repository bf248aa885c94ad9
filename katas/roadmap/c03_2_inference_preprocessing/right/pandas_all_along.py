"""The same by pandas' own methods, and a whole table of deals at once."""

import numpy as np
import pandas as pd


def fill_missing(table):
    out = table.copy()
    for name in out.columns:
        column = out[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) and column.isna().any():
            column = column.to_numpy(dtype=float, na_value=np.nan)
            out[name] = np.where(np.isnan(column), np.nanmean(column), column)
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
    for group in (a, b):
        if group.size == 0 or np.isnan(group).any():
            raise ValueError("a group is empty or holds NaN")
    pool = np.concatenate([a, b])
    deals = rng.permuted(np.tile(pool, (n_permutations, 1)), axis=1)
    distances = np.abs(deals[:, : a.size].mean(axis=1) - deals[:, a.size :].mean(axis=1))
    observed = np.abs(a.mean() - b.mean())
    return (np.sum(distances >= observed - 1e-9 * observed) + 1) / (n_permutations + 1)
