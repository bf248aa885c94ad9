"""Linear regression solved at once and by descent, and logistic regression, by loops and an SVD."""

import math

import numpy as np
from linear_descent import fit


def normal_equation(x, y):
    if y.ndim != 1 or len(y) != len(x):
        raise ValueError("y must have one number for each row")
    values, wanted = x.astype(float), y.astype(float)
    mean = values.mean(axis=0)
    centred = values - mean
    size = np.abs(centred).max(axis=0)
    if len(x) <= x.shape[1] or (size <= 1e-12 * np.abs(values).max(axis=0)).any():
        raise ValueError("the columns do not determine the weights")
    u, s, vt = np.linalg.svd(centred / size, full_matrices=False)
    if s[-1] < 1e-9 * s[0]:
        raise ValueError("the columns do not determine the weights")
    w = vt.T @ ((u.T @ (wanted - wanted.mean())) / s) / size
    return w, float(wanted.mean() - mean @ w)


def rate_limit(x):
    a = np.hstack([x.astype(float), np.ones((len(x), 1))])
    return len(x) / float(np.linalg.norm(a, 2)) ** 2


def descend(x, y, n_steps=1000):
    x = x.astype(float)
    mean, std = x.mean(axis=0), x.std(axis=0)
    std[x.min(axis=0) == x.max(axis=0)] = math.inf
    scaled = (x - mean) / std
    w, b, losses = fit(scaled, y, learning_rate=0.5 * rate_limit(scaled), n_steps=n_steps)
    return w / std, b - float(np.sum(mean * w / std)), losses


def probabilities(x, w, b):
    return np.exp(-np.logaddexp(0.0, -(x @ w + b)))


def log_likelihood(x, y, w, b):
    total = 0.0
    for z, label in zip(x @ w + b, y, strict=True):
        total -= float(np.logaddexp(0.0, -z if label else z))
    return total


def logistic(x, y, l2=0.0):
    if y.shape != (len(x),) or not set(y.tolist()) == {0, 1}:
        raise ValueError("y must hold 0 and 1, one for each row")
    if l2 == 0:
        normal_equation(x, y)  # refuses columns that depend on each other
    x = x.astype(float)
    mean, std = x.mean(axis=0), x.std(axis=0)
    std[std == 0] = 1.0
    a = np.hstack([(x - mean) / std, np.ones((len(x), 1))])
    ridge = np.append(l2 / std**2, 0.0)
    v = np.zeros(a.shape[1])
    for _ in range(500):
        p = probabilities(a, v, 0.0)
        slope = a.T @ (y - p) - ridge * v
        move = np.linalg.solve(a.T @ ((p * (1 - p))[:, None] * a) + np.diag(ridge), slope)
        move = move / max(1.0, np.abs(move).max())
        v = v + move
        if np.abs(move).max() < 1e-11 * max(1.0, np.abs(v).max()):
            return v[:-1] / std, float(v[-1] - np.sum(mean * v[:-1] / std))
        if l2 == 0 and ((a @ v > 0) == (y == 1)).all():
            raise ValueError("a plane separates the classes")
    raise ValueError("no maximum was found")
