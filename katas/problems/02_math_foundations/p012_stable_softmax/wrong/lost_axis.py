"""Without keepdims=True the maxima and sums line up with the wrong axis."""

import numpy as np


def softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = x.max(axis=axis)
    e = np.exp(x - np.where(np.isneginf(top), 0, top))
    total = e.sum(axis=axis)
    return e / np.where(total == 0, 1, total)


def log_softmax(x, axis=-1):
    with np.errstate(divide="ignore"):
        return np.log(softmax(x, axis))
