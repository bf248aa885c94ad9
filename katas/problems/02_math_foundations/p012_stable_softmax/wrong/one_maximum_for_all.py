"""The maximum of the whole array is subtracted, so a group far below it vanishes; each group needs its own."""

import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    if x.size == 0:
        return x.copy()
    top = x.max() if np.isfinite(x.max()) else 0
    e = np.exp(x - x.dtype.type(top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    s = x - np.where(np.isneginf(top), 0, top)
    total = np.exp(s).sum(axis=axis, keepdims=True)
    return s - np.log(np.where(total == 0, 1, total))
