"""The zeros of masked groups are cleaned up after the division, when NumPy has already warned."""

import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.nan_to_num(e / e.sum(axis=axis, keepdims=True))


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    s = x - np.where(np.isneginf(top), 0, top)
    total = np.exp(s).sum(axis=axis, keepdims=True)
    return s - np.log(np.where(total == 0, 1, total))
