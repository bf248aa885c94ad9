"""The bias is the weight of a column of ones."""
import math

import numpy as np


class Diverged(ArithmeticError):
    pass


def _table(x, y):
    if y.shape != x.shape[:1]:
        raise ValueError("y has the wrong shape")
    return np.hstack([x, np.ones((x.shape[0], 1))]).astype(float)


def gradient(x, y, w, b):
    a = _table(x, y)
    grad = 2 / a.shape[0] * a.T.dot(a.dot(np.append(w, b).astype(float)) - y)
    return grad[:-1], grad[-1]


def fit(x, y, learning_rate=0.1, n_steps=1000):
    a = _table(x, y)
    if learning_rate <= 0 or math.isnan(learning_rate):
        raise ValueError("learning_rate must be positive")
    theta = np.zeros(a.shape[1])
    losses = np.empty(n_steps + 1)
    losses[0] = np.square(a @ theta - y).mean()
    for i in range(1, n_steps + 1):
        theta = theta - learning_rate * 2 * np.mean((a @ theta - y)[:, None] * a, axis=0)
        losses[i] = np.square(a @ theta - y).mean()
        if not math.isfinite(losses[i]) or losses[i] > 10 * losses[0]:
            raise Diverged
    return theta[:-1], theta[-1], losses
