"""A small number inside the log hides the zeros: no log-probability can fall below about -690 any more."""

import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(np.isneginf(top), 0, top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def log_softmax(x, axis=-1):
    return np.log(np.maximum(softmax(x, axis), np.finfo(np.float64).tiny))
