"""Logistic regression: a stable sigmoid and loss, the gradient, and the classifier around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(z: NDArray[Any]) -> Array:
    """Return 1 / (1 + exp(-z)) of each element, in float64, without overflow or warning."""
    raise NotImplementedError


def log_loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> float:
    """Return the mean of -(y ln p + (1 - y) ln(1 - p)), plus l2/2 times the sum of the squared weights."""
    raise NotImplementedError


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> tuple[Array, float]:
    """Return the derivatives of `log_loss` with respect to w, (d,), and to b, a float."""
    raise NotImplementedError


class LogisticRegression:
    """A classifier for 0 and 1: fit leaves coef_ (d,), intercept_ and losses_ (n_steps + 1)."""

    def __init__(self, learning_rate: float = 0.1, n_steps: int = 1000, l2: float = 0.0) -> None:
        raise NotImplementedError

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> LogisticRegression:
        """Learn from X (n, d) and y (n,) by plain gradient descent from zero, and return the model."""
        raise NotImplementedError

    def predict_proba(self, X: NDArray[Any]) -> Array:
        """Return the probability of class 1 for each row of X, (n,)."""
        raise NotImplementedError

    def predict(self, X: NDArray[Any]) -> NDArray[np.int64]:
        """Return 1 where the probability is at least 0.5, otherwise 0, (n,)."""
        raise NotImplementedError
