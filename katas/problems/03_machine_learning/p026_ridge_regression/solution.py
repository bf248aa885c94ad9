"""Ridge regression, solved at once and by descent.

The loss is L(w, b) = (1/n) (Σ (X·w + b - y)² + alpha Σ w²); the bias b is not penalised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> float:
    """Return the mean squared error plus alpha/n times the sum of the squared weights."""
    check(X, y, alpha)
    residual = X @ w + b - y  # (n,)
    return float((residual @ residual + alpha * (w @ w)) / len(X))


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> tuple[Array, float]:
    """Return the derivatives of `loss` with respect to w, (d,), and to b, a float."""
    check(X, y, alpha)
    residual = X @ w + b - y  # (n,)
    # The penalty pulls each weight towards zero in proportion to its size; b is not in it.
    grad_w = 2 / len(X) * (X.T @ residual + alpha * w)  # (d,)
    return grad_w, 2 * float(residual.mean())


def fit(X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0) -> tuple[Array, float]:
    """Return the weights (d,) and the bias where the loss is least; of several minima the shortest weights."""
    check(X, y, alpha)
    # For any w the best b is mean(y) - mean(X)·w. Put into the loss, it leaves centred X and y and no b at all: so the
    # bias drops out of the problem, and with it the question of penalising it.
    x_mean, y_mean = X.mean(axis=0), y.mean()
    centred = X - x_mean  # (n, d)
    # The mean of three times 100.1 is a hair off, and what that leaves of a constant column would count as a direction.
    centred -= centred.mean(axis=0)
    d = X.shape[1]
    # |Xc w - yc|² + alpha |w|² is an ordinary sum of squares with d more rows: sqrt(alpha) w_j should be 0.
    tall = np.vstack([centred, np.sqrt(alpha) * np.eye(d)])  # (n + d, d)
    target = np.concatenate([y - y_mean, np.zeros(d)])  # (n + d,)
    # lstsq works by SVD: it never forms XᵀX, which would square the condition number, and where there are many
    # solutions it returns the shortest. Inverting XᵀX would fail there, or worse, nearly fail.
    w = np.linalg.lstsq(tall, target, rcond=None)[0]  # (d,)
    return w, float(y_mean - x_mean @ w)


def fit_by_descent(
    X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0, learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[Array, float]:
    """Return the weights (d,) and the bias after n_steps steps of plain gradient descent from zero."""
    check(X, y, alpha)
    w: Array = np.zeros(X.shape[1])
    b = 0.0
    for _ in range(n_steps):
        grad_w, grad_b = gradient(X, y, w, b, alpha)
        w, b = w - learning_rate * grad_w, b - learning_rate * grad_b
    return w, b


def check(X: NDArray[Any], y: NDArray[Any], alpha: float) -> None:
    """Raise ValueError for what would go wrong silently."""
    if y.shape != (len(X),):  # (n, 1) would broadcast to n × n residuals
        raise ValueError(f"y must be of shape ({len(X)},), got {y.shape}")
    if not alpha >= 0:  # NaN too
        raise ValueError(f"alpha must be 0 or more, got {alpha}")


# scikit-learn's Ridge has the same loss (without the 1/n, which moves no minimum) and centres in the same way. It
# chooses among Cholesky, SVD, conjugate gradients and others by the size and sparsity of X; RidgeCV finds alpha by an
# efficient leave-one-out. In practice the columns are scaled first: the penalty asks what a weight costs, and that
# depends on units.
