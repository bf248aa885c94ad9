"""Lets NumPy divide by zero in silence and mends the masked groups afterwards."""
import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    gone = np.isneginf(x).all(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        e = np.exp(x - np.max(x, axis, keepdims=True))
        p = (e / np.sum(e, axis, keepdims=True, dtype=float)).astype(x.dtype)
    return np.where(gone, x.dtype.type(0), p)


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    gone = np.isneginf(x).all(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        s = x - np.max(x, axis, keepdims=True)
        out = (s - np.log(np.exp(s).sum(axis, keepdims=True, dtype=float))).astype(x.dtype)
    return np.where(gone, x.dtype.type(-np.inf), out)
