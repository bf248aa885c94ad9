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
    raise NotImplementedError


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, alpha: float) -> tuple[Array, float]:
    """Return the derivatives of `loss` with respect to w, (d,), and to b, a float."""
    raise NotImplementedError


def fit(X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0) -> tuple[Array, float]:
    """Return the weights (d,) and the bias where the loss is least; of several minima the shortest weights."""
    raise NotImplementedError


def fit_by_descent(
    X: NDArray[Any], y: NDArray[Any], alpha: float = 1.0, learning_rate: float = 0.1, n_steps: int = 1000
) -> tuple[Array, float]:
    """Return the weights (d,) and the bias after n_steps steps of plain gradient descent from zero."""
    raise NotImplementedError
