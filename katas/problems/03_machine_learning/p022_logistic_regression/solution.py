"""Logistic regression: a stable sigmoid and loss, the gradient, and the classifier around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

# n samples of d features; z = X·w + b are the scores, p = sigmoid(z) the probabilities of class 1.


def sigmoid(z: ArrayLike) -> Array:
    """1 / (1 + exp(-z)) of every element, without overflow or warning.

    z: numbers of any real dtype and any shape, left unchanged. Returns float64 of the same shape.
    """
    scores = np.asarray(z, dtype=np.float64)  # before the minus sign: in uint8, -3 is 253
    # exp of a number that is never positive cannot overflow. For z < 0 the fraction is widened by e^z, which keeps
    # the many small digits that 1 - sigmoid(-z) would lose.
    e = np.exp(-np.abs(scores))
    return np.asarray(np.where(scores >= 0, 1.0, e) / (1.0 + e))


def log_loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> float:
    """Mean of -(y ln p + (1 - y) ln(1 - p)) over the samples, plus l2/2 times the sum of the squared weights.

    X: (n, d); y: (n,) of 0 and 1; w: (d,). Exact for scores up to ±10,000; the bias is not penalised.
    """
    z = X @ w + b  # (n,)
    target = np.asarray(y, dtype=np.float64)
    # Taken from the scores, not from p: -ln p = ln(1 + e^-z), so the loss of a sample is ln(1 + e^z) - y z. By p it
    # would be ln 0 as soon as the sigmoid rounds to 0 or 1, near z = 37.
    losses = np.logaddexp(0.0, z) - target * z  # (n,)
    return float(losses.mean() + l2 / 2 * np.sum(w**2))


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> tuple[Array, float]:
    """Derivatives of `log_loss` with respect to w, (d,), and to b, a float."""
    # The derivative of ln(1 + e^z) - y z by z is p - y: the same shape of formula as in linear regression.
    error = sigmoid(X @ w + b) - np.asarray(y, dtype=np.float64)  # (n,)
    grad_w = X.T @ error / len(X) + l2 * w  # (d,)
    return grad_w, float(error.mean())


class LogisticRegression:
    """A classifier for 0 and 1, fitted by plain gradient descent from zero.

    After `fit`: coef_ (d,), intercept_ float, losses_ (n_steps + 1 floats, the first before any step).
    """

    def __init__(self, learning_rate: float = 0.1, n_steps: int = 1000, l2: float = 0.0) -> None:
        self.learning_rate = learning_rate
        self.n_steps = n_steps
        self.l2 = l2

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> LogisticRegression:
        """Learn from X (n, d) and y (n,), anew at each call; gives the model itself.

        Raises ValueError, naming the argument, for bad X, y, learning_rate, n_steps or l2 (see the task).
        """
        self._check_settings()
        X, y = _checked(X, y)
        w: Array = np.zeros(X.shape[1])
        b = 0.0
        self.losses_ = [log_loss(X, y, w, b, self.l2)]
        for _ in range(self.n_steps):
            # Both derivatives at the same point, then both moves.
            grad_w, grad_b = gradient(X, y, w, b, self.l2)
            w = w - self.learning_rate * grad_w
            b = b - self.learning_rate * grad_b
            self.losses_.append(log_loss(X, y, w, b, self.l2))
        self.coef_, self.intercept_ = w, b
        return self

    def predict_proba(self, X: NDArray[Any]) -> Array:
        """Probability of class 1 for each row of X (m, d), m may be 0. Returns (m,)."""
        return sigmoid(X @ self.coef_ + self.intercept_)

    def predict(self, X: NDArray[Any]) -> NDArray[np.int64]:
        """1 where the probability is at least 0.5, otherwise 0. Returns (m,) integers."""
        return (self.predict_proba(X) >= 0.5).astype(np.int64)

    def _check_settings(self) -> None:
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate must be above 0, got {self.learning_rate}")
        if self.n_steps < 0:
            raise ValueError(f"n_steps must not be negative, got {self.n_steps}")
        if not self.l2 >= 0:
            raise ValueError(f"l2 must not be negative, got {self.l2}")


def _checked(X: NDArray[Any], y: NDArray[Any]) -> tuple[Array, Array]:
    """Both as float64, once they are found to be in order."""
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f"X must be of shape (n, d) with at least one row, got {X.shape}")
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or infinity: remove or fill those values first")
    if y.shape != (len(X),):
        raise ValueError(f"y must be of shape ({len(X)},), got {y.shape}")
    # Labels of -1 and 1 belong to another form of the loss; here they would be learned wrongly, without a word.
    if not np.isin(y, (0, 1)).all():
        raise ValueError("y must hold 0 and 1 only; turn other labels into these first")
    return X.astype(np.float64), y.astype(np.float64)


# scikit-learn's LogisticRegression minimises the sum of the losses times C plus half the squared weights, so its C is
# 1 / (n * l2), and C = 1 by default: it penalises unless told not to. It walks by L-BFGS, which looks at curvature and
# needs tens of steps where this loop needs thousands; and it takes several classes, by softmax.
