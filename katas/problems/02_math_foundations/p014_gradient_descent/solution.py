"""Linear regression by gradient descent."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


class Diverged(ArithmeticError):
    """The loss grew instead of falling."""


def gradient(x: NDArray[Any], y: NDArray[Any], w: NDArray[Any], b: float) -> tuple[FloatArray, float]:
    """Derivatives of the mean squared error (1/n) Σ (x·w + b - y)² with respect to w and b.

    x: (n, d); y: (n,); w: (d,); all left unchanged.
    Returns (derivative by w of shape (d,), derivative by b).
    Raises ValueError when y is not of shape (n,).
    """
    x, y = _checked(x, y)
    error = x @ w + b - y  # (n,)
    # Each sample pulls w along its own row, in proportion to its error; the product with x.T adds up the pulls.
    grad_w = 2 / len(x) * (x.T @ error)  # (d,)
    # The bias is the weight of a column of ones.
    return grad_w, 2 * float(error.mean())


def fit(
    x: NDArray[Any], y: NDArray[Any], learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[FloatArray, float, list[float]]:
    """Weights and bias after `n_steps` steps of plain gradient descent from zero, and the loss on the way.

    x: (n, d); y: (n,); left unchanged.
    Returns (w of shape (d,), b, losses): n_steps + 1 losses, the first one before any step.
    Raises Diverged when a loss exceeds ten times the first or is not finite.
    Raises ValueError when y is not of shape (n,), or learning_rate is not above 0.
    """
    x, y = _checked(x, y)
    # Written so that NaN is refused too: every comparison with it is False.
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be above 0, got {learning_rate}")

    w: FloatArray = np.zeros(x.shape[1])
    b = 0.0
    losses = [_loss(x, y, w, b)]
    for step in range(n_steps):
        # Both derivatives are taken before anything moves; with w moved first, b would follow another gradient.
        grad_w, grad_b = gradient(x, y, w, b)
        w = w - learning_rate * grad_w
        b = b - learning_rate * grad_b
        losses.append(_loss(x, y, w, b))
        if losses[-1] > 10 * losses[0] or not math.isfinite(losses[-1]):
            told = f"the loss went from {losses[0]:.3g} to {losses[-1]:.3g} by step {step + 1}"
            raise Diverged(f"{told}; learning_rate {learning_rate} is too large, or the columns of x want scaling")
    return w, b, losses


def _loss(x: FloatArray, y: FloatArray, w: FloatArray, b: float) -> float:
    return float(np.mean((x @ w + b - y) ** 2))


def _checked(x: NDArray[Any], y: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Both as float64; in uint8 a difference of 3 - 5 would be 254."""
    # A y of shape (n, 1) minus predictions of shape (n,) would broadcast to (n, n) without a word.
    if y.shape != (len(x),):
        raise ValueError(f"y must be of shape ({len(x)},), got {y.shape}")
    return x.astype(np.float64), y.astype(np.float64)


# scikit-learn's LinearRegression solves the least-squares problem directly, by SVD. Descent pays where that cannot be
# done: with a model that is not linear, or more data than memory. SGDRegressor then draws a few samples for each step,
# and PyTorch's SGD differs from this loop only in that autograd finds the gradient.
