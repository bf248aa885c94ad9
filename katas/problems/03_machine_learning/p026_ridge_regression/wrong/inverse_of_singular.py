"""XᵀX is inverted, which has no inverse when columns repeat and alpha is 0."""

from __future__ import annotations
from typing import Any
import numpy as np
from numpy.typing import NDArray
Array = NDArray[np.float64]

def loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> float:
    X, y = _checked(X, y, alpha)
    residual = X @ w + b - y
    return float((residual @ residual + alpha * (w @ w)) / len(X))

def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> tuple[Array, float]:
    X, y = _checked(X, y, alpha)
    residual = X @ w + b - y
    grad_w = 2 / len(X) * (X.T @ residual + alpha * w)
    return (grad_w, 2 * float(residual.mean()))

def fit(X: NDArray[Any], y: NDArray[Any], alpha: float=1.0) -> tuple[Array, float]:
    X, y = _checked(X, y, alpha)
    x_mean, y_mean = (X.mean(axis=0), y.mean())
    d = X.shape[1]
    tall = np.vstack([X - x_mean, np.sqrt(alpha) * np.eye(d)])
    target = np.concatenate([y - y_mean, np.zeros(d)])
    w = np.linalg.inv(tall.T @ tall) @ tall.T @ target
    return (w, float(y_mean - x_mean @ w))

def fit_by_descent(X: NDArray[Any], y: NDArray[Any], alpha: float=1.0, learning_rate: float=0.1, n_steps: int=1000) -> tuple[Array, float]:
    X, y = _checked(X, y, alpha)
    if not learning_rate > 0:
        raise ValueError(f'learning_rate must be above 0, got {learning_rate}')
    if n_steps < 0:
        raise ValueError(f'n_steps must not be negative, got {n_steps}')
    w: Array = np.zeros(X.shape[1])
    b = 0.0
    for _ in range(n_steps):
        grad_w, grad_b = gradient(X, y, w, b, alpha)
        w, b = (w - learning_rate * grad_w, b - learning_rate * grad_b)
    return (w, b)

def _checked(X: NDArray[Any], y: NDArray[Any], alpha: float) -> tuple[Array, Array]:
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f'X must be of shape (n, d) with at least one row, got {X.shape}')
    if y.shape != (len(X),):
        raise ValueError(f'y must be of shape ({len(X)},), got {y.shape}')
    for name, values in (('X', X), ('y', y)):
        if not np.isfinite(values).all():
            raise ValueError(f'{name} holds NaN or infinity: remove or fill those values first')
    if not alpha >= 0:
        raise ValueError(f'alpha must not be negative, got {alpha}')
    return (X.astype(np.float64), y.astype(np.float64))
