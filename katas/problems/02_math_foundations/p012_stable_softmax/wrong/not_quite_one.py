"""A small number is added to every sum to avoid dividing by zero, so the probabilities no longer sum to 1."""

import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(np.isneginf(top), 0, top))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-8)


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    s = x - np.where(np.isneginf(top), 0, top)
    total = np.exp(s).sum(axis=axis, keepdims=True)
    return s - np.log(np.where(total == 0, 1, total))
