"""Linear regression by gradient descent."""

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
    raise NotImplementedError


def fit(
    x: NDArray[Any], y: NDArray[Any], learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[FloatArray, float, list[float]]:
    """Weights and bias after `n_steps` steps of plain gradient descent from zero, and the loss on the way.

    x: (n, d); y: (n,); left unchanged.
    Returns (w of shape (d,), b, losses): n_steps + 1 losses, the first one before any step.
    Raises Diverged when a loss exceeds ten times the first or is not finite.
    Raises ValueError when y is not of shape (n,), or learning_rate is not above 0.
    """
    raise NotImplementedError
