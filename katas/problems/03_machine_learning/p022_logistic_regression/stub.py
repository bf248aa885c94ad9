"""Logistic regression: a stable sigmoid and loss, the gradient, and the classifier around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def sigmoid(z: ArrayLike) -> Array:
    """1 / (1 + exp(-z)) of every element, without overflow or warning.

    z: numbers of any real dtype and any shape, left unchanged. Returns float64 of the same shape.
    """
    raise NotImplementedError


def log_loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> float:
    """Mean of -(y ln p + (1 - y) ln(1 - p)) over the samples, plus l2/2 times the sum of the squared weights.

    X: (n, d); y: (n,) of 0 and 1; w: (d,). Exact for scores up to ±10,000; the bias is not penalised.
    """
    raise NotImplementedError


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> tuple[Array, float]:
    """Derivatives of `log_loss` with respect to w, (d,), and to b, a float."""
    raise NotImplementedError


class LogisticRegression:
    """A classifier for 0 and 1, fitted by plain gradient descent from zero.

    After `fit`: coef_ (d,), intercept_ float, losses_ (n_steps + 1 floats, the first before any step).
    """

    def __init__(self, learning_rate: float = 0.1, n_steps: int = 1000, l2: float = 0.0) -> None:
        raise NotImplementedError

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> LogisticRegression:
        """Learn from X (n, d) and y (n,), anew at each call; gives the model itself.

        Raises ValueError, naming the argument, for bad X, y, learning_rate, n_steps or l2 (see the task).
        """
        raise NotImplementedError

    def predict_proba(self, X: NDArray[Any]) -> Array:
        """Probability of class 1 for each row of X (m, d), m may be 0. Returns (m,)."""
        raise NotImplementedError

    def predict(self, X: NDArray[Any]) -> NDArray[np.int64]:
        """1 where the probability is at least 0.5, otherwise 0. Returns (m,) integers."""
        raise NotImplementedError
