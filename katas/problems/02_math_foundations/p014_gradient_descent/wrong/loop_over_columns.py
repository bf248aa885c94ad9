"""The gradient is taken one column after the other in Python."""

from typing import Any
import numpy as np
from numpy.typing import NDArray
FloatArray = NDArray[np.floating[Any]]


class Diverged(ArithmeticError):
    pass


def gradient(x, y, w, b):
    x, y = _checked(x, y)
    error = x @ w + b - y
    grad_w = np.zeros(x.shape[1])
    for j in range(x.shape[1]):
        grad_w[j] = 2 * (x[:, j] * error).mean()
    return (grad_w, 2 * float(error.mean()))


def fit(x, y, learning_rate=0.1, n_steps=1000):
    x, y = _checked(x, y)
    if not learning_rate > 0:
        raise ValueError(f'learning_rate must be above 0, got {learning_rate}')
    if n_steps < 0:
        raise ValueError(f'n_steps must not be negative, got {n_steps}')
    w: FloatArray = np.zeros(x.shape[1])
    b = 0.0
    losses = [_loss(x, y, w, b)]
    for step in range(n_steps):
        grad_w, grad_b = gradient(x, y, w, b)
        w = w - learning_rate * grad_w
        b = b - learning_rate * grad_b
        losses.append(_loss(x, y, w, b))
        if not losses[-1] <= 10 * losses[0]:
            told = f'the loss went from {losses[0]:.3g} to {losses[-1]:.3g} by step {step + 1}'
            raise Diverged(f'{told}; learning_rate {learning_rate} is too large, or the columns of x want scaling')
    return (w, b, losses)


def _loss(x, y, w, b):
    return float(np.mean((x @ w + b - y) ** 2))


def _checked(x, y):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f'x must be of shape (n, d) with at least one row, got {x.shape}')
    if y.shape != (len(x),):
        raise ValueError(f'y must be of shape ({len(x)},), got {y.shape}')
    return (x.astype(np.float64), y.astype(np.float64))
