"""The scores are clipped to a safe range, which makes 10000 and 9999 equally likely."""

import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    e = np.exp(np.clip(x, -10 if x.dtype.itemsize == 2 else -80, 10 if x.dtype.itemsize == 2 else 80))
    e = np.where(np.isneginf(x), 0, e)
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    s = x - np.where(np.isneginf(top), 0, top)
    total = np.exp(s).sum(axis=axis, keepdims=True)
    return s - np.log(np.where(total == 0, 1, total))
