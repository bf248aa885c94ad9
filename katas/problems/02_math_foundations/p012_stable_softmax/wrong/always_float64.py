"""Everything becomes float64, so a float32 model suddenly carries arrays of twice the size."""

import numpy as np


def softmax(x, axis=-1):
    x = x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(np.isneginf(top), 0, top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    s = x - np.where(np.isneginf(top), 0, top)
    total = np.exp(s).sum(axis=axis, keepdims=True)
    return s - np.log(np.where(total == 0, 1, total))
