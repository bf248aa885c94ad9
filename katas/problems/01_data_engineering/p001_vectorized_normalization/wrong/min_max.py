"""This scales each column to the range from 0 to 1; the z-score divides by the standard deviation."""

import numpy as np


def zscore(x):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must be a table with at least one row, got shape {x.shape}")
    low, high = x.min(axis=0), x.max(axis=0)
    return (x - low.astype(float)) / np.where(low == high, 1.0, high - low.astype(float))
