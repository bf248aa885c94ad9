"""-inf is replaced by a very small number, so a group that is masked throughout becomes uniform instead of zeros."""

import numpy as np


def _safe(x):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    return np.maximum(x, np.finfo(x.dtype).min / 4)


def softmax(x, axis=-1):
    x = _safe(x)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis, keepdims=True)
    s = x - np.where(np.isneginf(top), 0, top)
    total = np.exp(s).sum(axis=axis, keepdims=True)
    return s - np.log(np.where(total == 0, 1, total))
