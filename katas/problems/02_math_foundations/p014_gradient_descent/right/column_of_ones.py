"""The bias is the weight of a column of ones."""
import math

import numpy as np


class Diverged(ArithmeticError):
    pass


def _look(x, y):
    if x.ndim != 2 or x.shape[0] == 0:
        raise ValueError("x has the wrong shape")
    if y.shape != x.shape[:1]:
        raise ValueError("y has the wrong shape")


def gradient(x, y, w, b):
    _look(x, y)
    a = np.hstack([x, np.ones((x.shape[0], 1))]).astype(float)
    grad = 2 / a.shape[0] * a.T.dot(a.dot(np.append(w, b).astype(float)) - y)
    return grad[:-1], grad[-1]


def fit(x, y, learning_rate=0.1, n_steps=1000):
    _look(x, y)
    if learning_rate <= 0:
        raise ValueError("learning_rate must be positive")
    if n_steps < 0:
        raise ValueError("n_steps must be at least 0")
    a = np.hstack([x, np.ones((x.shape[0], 1))]).astype(float)
    theta = np.zeros(a.shape[1])
    losses = np.empty(n_steps + 1)
    losses[0] = np.square(a @ theta - y).mean()
    for i in range(1, n_steps + 1):
        theta = theta - learning_rate * 2 * np.mean((a @ theta - y)[:, None] * a, axis=0)
        losses[i] = np.square(a @ theta - y).mean()
        if not math.isfinite(losses[i]) or losses[i] > 10 * losses[0]:
            raise Diverged("lower the learning_rate")
    return theta[:-1], theta[-1], losses
