"""A spread of the size of rounding counts as none."""
import numpy as np


def zscore(x):
    if x.ndim != 2 or x.size == 0:
        raise ValueError(f"x: expected (n, d) with n >= 1, got {x.shape}")
    x = x.astype(float)
    mu, sigma = x.mean(axis=0), x.std(axis=0)
    sigma[np.isclose(sigma, 0.0)] = 1.0
    return (x - mu) / sigma
