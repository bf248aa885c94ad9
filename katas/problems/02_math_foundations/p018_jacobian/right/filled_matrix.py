"""Fills a matrix that is made when the first result shows its height."""
import numpy as np

STEP = np.finfo(float).eps ** (1 / 3)


def jacobian(f, x, step=None):
    if x.ndim != 1:
        raise ValueError("x must be flat")
    if not len(x):
        raise ValueError("x must not be empty")
    if step is not None and step <= 0:
        raise ValueError("step must be positive")
    matrix = None
    for j in range(len(x)):
        h = (step or STEP) * max(1.0, abs(float(x[j])))
        values = []
        for side in (-h, h):
            point = x.astype(np.float64)
            point[j] = point[j] + side
            value = f(point)
            if np.ndim(value) > 1:
                raise ValueError("f must give a flat array or a number")
            values.append(np.ravel(value).astype(float))
        if matrix is None:
            matrix = np.zeros((len(values[0]), len(x)))
        matrix[:, j] = (values[1] - values[0]) / 2 / h
    return matrix
