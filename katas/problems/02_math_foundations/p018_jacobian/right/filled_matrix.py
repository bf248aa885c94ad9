"""Fills a matrix that is made when the first result shows its height."""
import numpy as np


def jacobian(f, x, step=6e-6):
    if len(np.shape(x)) != 1:
        raise ValueError("x must be flat")
    if step <= 0 or np.isnan(step):
        raise ValueError("step must be positive")
    matrix = None
    for j in range(len(x)):
        h = step * max(1.0, abs(float(x[j])))
        values = []
        for side in (-h, h):
            point = np.array(x, dtype=float)
            point[j] = point[j] + side
            values.append(np.ravel(f(point)).astype(float))
        if matrix is None:
            matrix = np.zeros((len(values[0]), len(x)))
        matrix[:, j] = (values[1] - values[0]) / 2 / h
    return matrix
