"""Masked entries get a very negative, but finite, log-probability; the log of 0 is -inf."""

import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(np.isneginf(top), 0, top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    x = np.maximum(x, np.finfo(x.dtype).min / 4)
    s = x - x.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))
