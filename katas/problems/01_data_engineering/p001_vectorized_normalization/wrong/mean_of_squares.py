"""The variance is the mean of squares minus the squared mean, which loses every digit far from zero."""

import numpy as np


def zscore(x):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must be a table with at least one row, got shape {x.shape}")
    v = x.astype(float)
    mean = v.mean(axis=0)
    variance = np.maximum((v**2).mean(axis=0) - mean**2, 0.0)
    constant = np.ptp(v, axis=0) == 0
    std = np.where(constant | (variance == 0), 1.0, np.sqrt(variance))
    return (v - mean) / std
