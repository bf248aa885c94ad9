"""Shuffles whole copies of X and y at the start of each epoch and cuts them by slices; the order is drawn from sort keys."""

import numpy as np


def batches(n, batch_size, rng):
    if batch_size < 1:
        raise ValueError("batch_size")
    return tuple(np.split(np.argsort(rng.random(n)), range(batch_size, n, batch_size)))


def decayed(learning_rate, decay, epoch):
    return np.float64(learning_rate) / (1 + decay * epoch)


def sgd(sum_gradient, w, X, y, batch_size=32, learning_rate=0.1, decay=0.0, n_epochs=10, seed=0):
    if batch_size < 1 or y.shape[0] != X.shape[0]:
        raise ValueError("batch_size or y does not fit")
    rng = np.random.default_rng(seed)
    for epoch in range(n_epochs):
        order = np.concatenate(batches(len(X), batch_size, rng))
        shuffled, answers = X[order], y[order]
        start = 0
        while start < len(X):
            part = slice(start, start + batch_size)
            size = len(answers[part])
            w = w - decayed(learning_rate, decay, epoch) * (sum_gradient(w, shuffled[part], answers[part]) / size)
            start += batch_size
    return w
