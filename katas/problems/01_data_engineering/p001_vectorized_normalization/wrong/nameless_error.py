"""The error does not say which argument is at fault."""

import numpy as np


def zscore(x):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError("bad shape")
    std = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(std < 1e-12, 1.0, std)
