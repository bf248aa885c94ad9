"""The mean is taken away by an (n, n) centring matrix: right, but time and memory grow with the square of the rows."""

import numpy as np


def zscore(x):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must be a table with at least one row, got shape {x.shape}")
    n = len(x)
    if n == 1:
        return np.zeros(x.shape)
    constant = np.ptp(x, axis=0) == 0
    centred = (np.eye(n) - 1.0 / n) @ x.astype(float)
    std = np.sqrt((centred**2).mean(axis=0))
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, std))
