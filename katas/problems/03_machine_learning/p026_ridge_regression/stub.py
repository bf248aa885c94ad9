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
    raise NotImplementedError


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> tuple[Array, float]:
    """Derivatives of `loss` with respect to w, (d,), and to b, a float."""
    raise NotImplementedError


def fit(X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0) -> tuple[Array, float]:
    """Weights (d,) and bias where the loss is least, solved directly.

    Where there are several minima (alpha = 0, singular), the one with the smallest sum of squared weights.
    """
    raise NotImplementedError


def fit_by_descent(
    X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0, learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[Array, float]:
    """Weights (d,) and bias after n_steps steps of plain gradient descent from zero.

    Raises ValueError also for learning_rate <= 0 and n_steps < 0, naming them.
    """
    raise NotImplementedError
