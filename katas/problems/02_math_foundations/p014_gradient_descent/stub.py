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
    Raises ValueError, naming x or y, when its shape is not as said here, or n is 0.
    """
    raise NotImplementedError


def fit(
    x: NDArray[Any], y: NDArray[Any], learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[FloatArray, float, list[float]]:
    """Weights and bias after `n_steps` steps of plain gradient descent from zero, and the loss on the way.

    x: (n, d); y: (n,); left unchanged.
    Returns (w of shape (d,), b, losses): n_steps + 1 losses, the first one before any step.
    Raises Diverged, its message containing learning_rate, when a loss exceeds ten times the first or is not finite.
    Raises ValueError, naming the argument, for x or y of another shape, n = 0, learning_rate <= 0, n_steps < 0.
    """
    raise NotImplementedError
