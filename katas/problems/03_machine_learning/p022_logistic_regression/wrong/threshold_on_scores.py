"""The scores are compared with 0.5; that threshold belongs to the probability."""

from __future__ import annotations
from typing import Any
import numpy as np
from numpy.typing import ArrayLike, NDArray
Array = NDArray[np.float64]

def sigmoid(z: ArrayLike) -> Array:
    scores = np.asarray(z, dtype=np.float64)
    e = np.exp(-np.abs(scores))
    return np.asarray(np.where(scores >= 0, 1.0, e) / (1.0 + e))

def log_loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float=0.0) -> float:
    z = X @ w + b
    target = np.asarray(y, dtype=np.float64)
    losses = np.logaddexp(0.0, z) - target * z
    return float(losses.mean() + l2 / 2 * np.sum(w ** 2))

def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float=0.0) -> tuple[Array, float]:
    error = sigmoid(X @ w + b) - np.asarray(y, dtype=np.float64)
    grad_w = X.T @ error / len(X) + l2 * w
    return (grad_w, float(error.mean()))

class LogisticRegression:

    def __init__(self, learning_rate: float=0.1, n_steps: int=1000, l2: float=0.0) -> None:
        self.learning_rate = learning_rate
        self.n_steps = n_steps
        self.l2 = l2

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> LogisticRegression:
        self._check_settings()
        X, y = _checked(X, y)
        w: Array = np.zeros(X.shape[1])
        b = 0.0
        self.losses_ = [log_loss(X, y, w, b, self.l2)]
        for _ in range(self.n_steps):
            grad_w, grad_b = gradient(X, y, w, b, self.l2)
            w = w - self.learning_rate * grad_w
            b = b - self.learning_rate * grad_b
            self.losses_.append(log_loss(X, y, w, b, self.l2))
        self.coef_, self.intercept_ = (w, b)
        return self

    def predict_proba(self, X: NDArray[Any]) -> Array:
        return sigmoid(X @ self.coef_ + self.intercept_)

    def predict(self, X: NDArray[Any]) -> NDArray[np.int64]:
        return (X @ self.coef_ + self.intercept_ >= 0.5).astype(np.int64)

    def _check_settings(self) -> None:
        if not self.learning_rate > 0:
            raise ValueError(f'learning_rate must be above 0, got {self.learning_rate}')
        if self.n_steps < 0:
            raise ValueError(f'n_steps must not be negative, got {self.n_steps}')
        if not self.l2 >= 0:
            raise ValueError(f'l2 must not be negative, got {self.l2}')

def _checked(X: NDArray[Any], y: NDArray[Any]) -> tuple[Array, Array]:
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f'X must be of shape (n, d) with at least one row, got {X.shape}')
    if not np.isfinite(X).all():
        raise ValueError('X holds NaN or infinity: remove or fill those values first')
    if y.shape != (len(X),):
        raise ValueError(f'y must be of shape ({len(X)},), got {y.shape}')
    if not np.isin(y, (0, 1)).all():
        raise ValueError('y must hold 0 and 1 only; turn other labels into these first')
    return (X.astype(np.float64), y.astype(np.float64))
