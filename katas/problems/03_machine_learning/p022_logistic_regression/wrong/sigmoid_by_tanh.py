"""Writes the sigmoid as (1 + tanh(z/2)) / 2: nothing overflows, but below -38 the sum of 1 and nearly -1 is exactly 0, where 1.9e-22 was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def sigmoid(z: ArrayLike) -> Array:
    """1 / (1 + exp(-z)) of every element, without overflow or warning."""
    z = np.asarray(z).astype(np.float64)
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def log_loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> float:
    """Mean of -(y ln p + (1 - y) ln(1 - p)) over the samples, plus l2/2 times the sum of the squared weights."""
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    w = np.asarray(w, dtype=np.float64)
    wrong_way = (1 - 2 * y) * (X @ w + b)
    data = np.maximum(wrong_way, 0.0) + np.log1p(np.exp(-np.abs(wrong_way)))
    return float(data.mean() + 0.5 * l2 * (w @ w))


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> tuple[Array, float]:
    """Derivatives of `log_loss` with respect to w, (d,), and to b, a float."""
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    w = np.asarray(w, dtype=np.float64)
    residual = sigmoid(X @ w + b) - y
    return X.T @ residual / len(y) + l2 * w, float(residual.mean())


class LogisticRegression:
    """A classifier for 0 and 1, fitted by plain gradient descent from zero."""

    def __init__(self, learning_rate: float = 0.1, n_steps: int = 1000, l2: float = 0.0) -> None:
        self.learning_rate, self.n_steps, self.l2 = learning_rate, n_steps, l2

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> LogisticRegression:
        """Learn from X (n, d) and y (n,), anew at each call; gives the model itself."""
        X, y = np.asarray(X), np.asarray(y)
        if X.ndim != 2 or X.shape[0] == 0:
            raise ValueError(f"X must be two-dimensional and have rows, not {X.shape}")
        X = X.astype(np.float64)
        if not np.isfinite(X).all():
            raise ValueError("X holds NaN or infinity")
        if y.shape != (X.shape[0],):
            raise ValueError(f"y must have shape ({X.shape[0]},), not {y.shape}")
        if not ((y == 0) | (y == 1)).all():
            raise ValueError("y must hold 0 and 1 only")
        if not self.learning_rate > 0:
            raise ValueError("learning_rate must be above 0")
        if self.n_steps < 0:
            raise ValueError("n_steps must not be negative")
        if not self.l2 >= 0:
            raise ValueError("l2 must not be negative")
        w, b = np.zeros(X.shape[1]), 0.0
        losses = [log_loss(X, y, w, b, self.l2)]
        for _ in range(self.n_steps):
            grad_w, grad_b = gradient(X, y, w, b, self.l2)
            w = w - self.learning_rate * grad_w
            b = b - self.learning_rate * grad_b
            losses.append(log_loss(X, y, w, b, self.l2))
        self.coef_, self.intercept_, self.losses_ = w, float(b), losses
        return self

    def predict_proba(self, X: NDArray[Any]) -> Array:
        """Probability of class 1 for each row of X (m, d), m may be 0. Returns (m,)."""
        return sigmoid(np.asarray(X, dtype=np.float64) @ self.coef_ + self.intercept_)

    def predict(self, X: NDArray[Any]) -> NDArray[np.int64]:
        """1 where the probability is at least 0.5, otherwise 0. Returns (m,) integers."""
        return (self.predict_proba(X) >= 0.5).astype(np.int64)
