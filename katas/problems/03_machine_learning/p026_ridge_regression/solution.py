"""Ridge regression, solved at once and by descent.

The loss is L(w, b) = (1/n) (Σ (X·w + b - y)² + alpha Σ w²); the bias b is not penalised.
X: (n, d), y: (n,), any real dtype, left unchanged. All functions raise ValueError, naming the argument, for a bad
X, y or alpha (see the task).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> float:
    """The mean squared error plus alpha/n times the sum of the squared weights."""
    X, y = _checked(X, y, alpha)
    residual = X @ w + b - y  # (n,)
    return float((residual @ residual + alpha * (w @ w)) / len(X))


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> tuple[Array, float]:
    """Derivatives of `loss` with respect to w, (d,), and to b, a float."""
    X, y = _checked(X, y, alpha)
    residual = X @ w + b - y  # (n,)
    # The penalty pulls every weight towards zero in proportion to its size; b is not in it.
    grad_w = 2 / len(X) * (X.T @ residual + alpha * w)  # (d,)
    return grad_w, 2 * float(residual.mean())


def fit(X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0) -> tuple[Array, float]:
    """Weights (d,) and bias where the loss is least, solved directly.

    Where there are several minima (alpha = 0, singular), the one with the smallest sum of squared weights.
    """
    X, y = _checked(X, y, alpha)
    # For any w the best b is mean(y) - mean(X)·w. Put into the loss, it leaves centred X and y and no b at all: so the
    # bias drops out of the problem, and with it the question of penalising it.
    x_mean, y_mean = X.mean(axis=0), y.mean()
    n, d = X.shape
    centred = X - x_mean  # (n, d)
    # The mean of three times 0.1 is not exactly 0.1. What that leaves of a constant column is no data, but lstsq would
    # take it for some where it is all there is, and blow it up.
    rounding = n * np.finfo(np.float64).eps * np.abs(X).max(axis=0)  # (d,)
    centred[:, np.abs(centred).max(axis=0) <= rounding] = 0.0
    # |Xc w - yc|² + alpha |w|² is an ordinary sum of squares with d more rows: sqrt(alpha) w_j should be 0.
    tall = np.vstack([centred, np.sqrt(alpha) * np.eye(d)])  # (n + d, d)
    target = np.concatenate([y - y_mean, np.zeros(d)])  # (n + d,)
    # lstsq works by SVD: it never forms XᵀX, which would square the condition number, and where there are many
    # solutions it gives the shortest. Inverting XᵀX would fail there, or worse, nearly fail.
    w = np.linalg.lstsq(tall, target, rcond=None)[0]  # (d,)
    return w, float(y_mean - x_mean @ w)


def fit_by_descent(
    X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0, learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[Array, float]:
    """Weights (d,) and bias after n_steps steps of plain gradient descent from zero.

    Raises ValueError also for learning_rate <= 0 and n_steps < 0, naming them.
    """
    X, y = _checked(X, y, alpha)
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be above 0, got {learning_rate}")
    if n_steps < 0:
        raise ValueError(f"n_steps must not be negative, got {n_steps}")
    w: Array = np.zeros(X.shape[1])
    b = 0.0
    for _ in range(n_steps):
        grad_w, grad_b = gradient(X, y, w, b, alpha)
        w, b = w - learning_rate * grad_w, b - learning_rate * grad_b
    return w, b


def _checked(X: NDArray[Any], y: NDArray[Any], alpha: float) -> tuple[Array, Array]:
    """X and y as float64, once they and alpha are found to be in order."""
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f"X must be of shape (n, d) with at least one row, got {X.shape}")
    # A y of shape (n, 1) would broadcast to a table of n times n residuals.
    if y.shape != (len(X),):
        raise ValueError(f"y must be of shape ({len(X)},), got {y.shape}")
    for name, values in (("X", X), ("y", y)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds NaN or infinity: remove or fill those values first")
    if not alpha >= 0:
        raise ValueError(f"alpha must not be negative, got {alpha}")
    return X.astype(np.float64), y.astype(np.float64)


# scikit-learn's Ridge has the same loss (without the 1/n, which moves no minimum) and centres in the same way. It
# chooses among Cholesky, SVD, conjugate gradients and others by the size and sparsity of X; RidgeCV finds alpha by an
# efficient leave-one-out. In practice the columns are scaled first: the penalty asks what a weight costs, and that
# depends on units.
