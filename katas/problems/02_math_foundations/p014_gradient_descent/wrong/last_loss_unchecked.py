"""Looks at the loss before each step only: the one after the last step is noted but never judged, so a fit that grows too large in its last step is not reported."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


class Diverged(ArithmeticError):
    """The loss grew instead of falling."""


def _check(x: NDArray[Any], y: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim != 2 or x.shape[0] == 0:
        raise ValueError(f"x must be two-dimensional and have rows, not {x.shape}")
    if y.shape != (x.shape[0],):
        raise ValueError(f"y must have shape ({x.shape[0]},), not {y.shape}")
    return x.astype(np.float64), y.astype(np.float64)


def gradient(x: NDArray[Any], y: NDArray[Any], w: NDArray[Any], b: float) -> tuple[FloatArray, float]:
    """Derivatives of the mean squared error with respect to w and b."""
    x, y = _check(x, y)
    residual = x @ np.asarray(w, dtype=np.float64) + b - y
    return 2.0 / len(y) * (x.T @ residual), float(2.0 * residual.mean())


def fit(
    x: NDArray[Any], y: NDArray[Any], learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[FloatArray, float, list[float]]:
    """Weights and bias after `n_steps` steps of plain gradient descent from zero, and the loss on the way."""
    x, y = _check(x, y)
    if not learning_rate > 0:
        raise ValueError("learning_rate must be above 0")
    if n_steps < 0:
        raise ValueError("n_steps must not be negative")
    w, b = np.zeros(x.shape[1]), 0.0
    losses: list[float] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(n_steps):
            losses.append(float(np.mean((x @ w + b - y) ** 2)))
            if not np.isfinite(losses[-1]) or losses[-1] > 10 * losses[0]:
                raise Diverged(f"the loss grew at step {step}: learning_rate {learning_rate} is too large")
            grad_w, grad_b = gradient(x, y, w, b)
            w = w - learning_rate * grad_w
            b = b - learning_rate * grad_b
        losses.append(float(np.mean((x @ w + b - y) ** 2)))
    return w, float(b), losses
