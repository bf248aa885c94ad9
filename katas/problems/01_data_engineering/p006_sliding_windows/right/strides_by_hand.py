"""Shape and strides written down by hand; one loop over the arguments checks them."""
import numpy as np
from numpy.lib.stride_tricks import as_strided


def _check(**numbers):
    for name, value in numbers.items():
        if value < 1:
            raise ValueError(f"{name} is below 1")


def windows(series, size, step=1):
    _check(size=size, step=step)
    x = series if series.ndim == 2 else series[:, None]
    n, d = x.shape
    m = max(0, (n - size) // step + 1)
    if m == 0:
        return np.zeros((0, size, d), x.dtype)
    a, b = x.strides
    return as_strided(x, (m, size, d), (a * step, a, b))


def supervised(series, size, horizon=1):
    _check(size=size, horizon=horizon)
    w = windows(series, size)
    m = max(0, len(series) - size - horizon + 1)
    y = series[size + horizon - 1 :]
    return w[:m], y.reshape(m, -1) if m else np.zeros((0, w.shape[2]), series.dtype)
