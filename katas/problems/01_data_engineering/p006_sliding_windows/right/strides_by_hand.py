"""Shape and strides written down by hand."""
import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(series, size, step=1):
    if size < 1:
        raise ValueError("size")
    if step < 1:
        raise ValueError("step")
    if not 1 <= series.ndim <= 2:
        raise ValueError("series has the wrong number of dimensions")
    x = series.reshape(-1, 1) if series.ndim == 1 and series.flags.c_contiguous else series
    x = x[:, None] if x.ndim == 1 else x
    n, d = x.shape
    m = max(0, (n - size) // step + 1)
    if m == 0:
        return np.zeros((0, size, d), x.dtype)
    a, b = x.strides
    return as_strided(x, (m, size, d), (a * step, a, b))


def supervised(series, size, horizon=1):
    if horizon < 1:
        raise ValueError("horizon below 1")
    w = windows(series, size)
    m = max(0, len(series) - size - horizon + 1)
    y = series[size + horizon - 1 :]
    return w[:m], y.reshape(m, -1) if m else np.zeros((0, w.shape[2]), series.dtype)
