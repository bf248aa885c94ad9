"""softmax is the exponential of log_softmax."""
import numpy as np


def log_softmax(x, axis=-1):
    x = np.asarray(x)
    if x.dtype.kind != "f":
        x = x.astype(float)
    moved = x - np.maximum(x.max(axis=axis, keepdims=True), np.finfo(x.dtype).min)
    total = np.exp(moved).sum(axis=axis, keepdims=True, dtype=float)
    return (moved - np.log(total, out=np.zeros_like(total), where=total > 0)).astype(moved.dtype)


def softmax(x, axis=-1):
    return np.exp(log_softmax(x, axis))
