"""The maximum is subtracted in the integer type of x: in uint8, 3 - 5 is 254."""

import numpy as np


def softmax(x, axis=-1):
    top = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(top == -np.inf, 0, top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def log_softmax(x, axis=-1):
    top = x.max(axis=axis, keepdims=True)
    s = x - np.where(top == -np.inf, 0, top)
    total = np.exp(s).sum(axis=axis, keepdims=True)
    return s - np.log(np.where(total == 0, 1, total))
