"""Every score is right, but the columns are scaled one after the other in a Python loop."""

import numpy as np


def zscore(x):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must be a table with at least one row, got shape {x.shape}")
    z = np.zeros(x.shape)
    for j in range(x.shape[1]):
        column = x[:, j]
        if column.min() != column.max():
            z[:, j] = (column - column.mean()) / column.std()
    return z
