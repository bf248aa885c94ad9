"""The gradient by einsum; the residual of one step serves its loss and the next gradient."""
import numpy as np


class Diverged(ArithmeticError):
    """The loss grew."""


def _clean(x, y):
    if np.ndim(y) != 1 or len(y) != len(x):
        raise ValueError(f"y: bad shape {np.shape(y)}")
    return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)


def gradient(x, y, w, b):
    x, y = _clean(x, y)
    r = np.einsum("nd,d->n", x, w) + b - y
    return 2 * np.einsum("nd,n->d", x, r) / r.size, float(2 * r.sum() / r.size)


def fit(x, y, learning_rate=0.1, n_steps=1000):
    x, y = _clean(x, y)
    if not learning_rate > 0:
        raise ValueError("bad learning_rate")
    w, b = np.zeros(x.shape[1]), 0.0
    r = -y
    losses = [float(r @ r) / len(y)]
    for _ in range(n_steps):
        w, b = w - learning_rate * 2 * (r @ x) / len(y), b - learning_rate * 2 * float(r.mean())
        r = x @ w + b - y
        losses.append(float(r @ r) / len(y))
        if losses[-1] == np.inf or not losses[-1] <= 10 * losses[0]:
            raise Diverged(f"learning_rate={learning_rate}")
    return w, b, losses
