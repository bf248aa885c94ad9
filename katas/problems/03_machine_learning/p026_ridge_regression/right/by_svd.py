"""The singular values shrunk by hand, and the gradient by an extra column."""

import numpy as np


def look(X, y, alpha=0.0):
    if y.ndim != 1 or len(y) != len(X):
        raise ValueError("y must hold one number a row")
    if np.isnan(alpha) or alpha < 0:
        raise ValueError("alpha must be 0 or more")


def loss(X, y, w, b, alpha):
    look(X, y)
    return np.mean((X @ w + b - y) ** 2) + alpha * np.sum(w**2) / len(X)


def gradient(X, y, w, b, alpha):
    look(X, y)
    wide = np.hstack([X, np.ones((len(X), 1))])
    full = 2 * wide.T @ (wide @ np.append(w, b) - y) / len(X)
    full[:-1] += 2 * alpha * w / len(X)
    return full[:-1], float(full[-1])


def fit(X, y, alpha=1.0):
    look(X, y, alpha)
    mean = X.mean(axis=0)
    u, s, vt = np.linalg.svd(X - mean, full_matrices=False)
    keep = s > 1e-12 * s.max()
    u, s, vt = u[:, keep], s[keep], vt[keep]
    w = vt.T @ (s / (s**2 + alpha) * (u.T @ (y - y.mean())))
    return w, y.mean() - mean @ w


def fit_by_descent(X, y, alpha=1.0, learning_rate=0.1, n_steps=1000):
    look(X, y, alpha)
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(n_steps):
        gw, gb = gradient(X, y, w, b, alpha)
        w -= learning_rate * gw
        b -= learning_rate * gb
    return w, b
