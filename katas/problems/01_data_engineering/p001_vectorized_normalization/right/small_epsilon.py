"""Adds a tiny number to the divisor, which is close enough."""
import numpy as np


def zscore(x):
    if np.ndim(x) != 2 or len(x) == 0:
        raise ValueError("the argument x must be a non-empty table")
    x = x.astype(float)
    return (x - np.mean(x, axis=0)) / (np.std(x, axis=0) + 1e-8)
