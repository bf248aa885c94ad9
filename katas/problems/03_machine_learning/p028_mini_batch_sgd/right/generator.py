"""A generator that pops batches off a shuffled range, and one flat loop over all steps in place."""

import numpy as np


def batches(n, batch_size, rng):
    if batch_size <= 0:
        raise ValueError("batch_size must be positive")
    rows = np.arange(n)
    rng.shuffle(rows)
    while len(rows):
        yield rows[:batch_size]
        rows = rows[batch_size:]


def decayed(learning_rate, decay, epoch):
    return learning_rate / (1.0 + decay * epoch)


def sgd(sum_gradient, w, X, y, batch_size=32, learning_rate=0.1, decay=0.0, n_epochs=10, seed=0):
    if len(X) != len(y):
        raise ValueError("y needs as many rows as X")
    rng = np.random.default_rng(seed)
    w = np.array(w, dtype=float)
    plan = ((e, rows) for e in range(n_epochs) for rows in batches(len(X), batch_size, rng))
    for e, rows in plan:
        w -= decayed(learning_rate, decay, e) / rows.size * sum_gradient(w, X.take(rows, axis=0), y.take(rows))
    return w
