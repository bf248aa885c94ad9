"""Only NaN is refused: an infinite value in X or y passes the check."""

from __future__ import annotations

import numpy as np


def _check(X, y, alpha):
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or len(X) == 0:
        raise ValueError("X must be 2-D with at least one row")
    if y.shape != (len(X),):
        raise ValueError("y must be of shape (n,)")
    if np.isnan(X).any():
        raise ValueError("X must be finite")
    if np.isnan(y).any():
        raise ValueError("y must be finite")
    if not alpha >= 0:
        raise ValueError("alpha must be at least 0")
    return X.astype(np.float64), y.astype(np.float64)


def loss(X, y, w, b, alpha):
    """The loss."""
    X, y = _check(X, y, alpha)
    w = np.asarray(w, dtype=np.float64)
    residual = X @ w + b - y
    return float((residual @ residual + alpha * (w @ w)) / len(y))


def gradient(X, y, w, b, alpha):
    """Its derivatives."""
    X, y = _check(X, y, alpha)
    w = np.asarray(w, dtype=np.float64)
    residual = X @ w + b - y
    return 2 / len(y) * (X.T @ residual + alpha * w), float(2 / len(y) * residual.sum())


def fit(X, y, alpha=1.0):
    """The minimum."""
    X, y = _check(X, y, alpha)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    centred, target = X - x_mean, y - y_mean
    U, s, Vt = np.linalg.svd(centred, full_matrices=False)
    tiny = np.finfo(float).eps * max(X.shape) * max(np.linalg.norm(X), np.linalg.norm(s))
    factor = np.zeros_like(s)
    keep = s > tiny
    factor[keep] = s[keep] / (s[keep] ** 2 + alpha)
    w = Vt.T @ (factor * (U.T @ target))
    return w, float(y_mean - x_mean @ w)


def fit_by_descent(X, y, alpha=1.0, learning_rate=0.1, n_steps=1000):
    """Descent."""
    X, y = _check(X, y, alpha)
    if not learning_rate > 0:
        raise ValueError("learning_rate must be above 0")
    if n_steps < 0:
        raise ValueError("n_steps must be at least 0")
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(n_steps):
        grad_w, grad_b = gradient(X, y, w, b, alpha)
        w = w - learning_rate * grad_w
        b = b - learning_rate * grad_b
    return w, float(b)
