"""Logistic regression: a stable sigmoid and loss, the gradient, and the classifier around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# n samples of d features; z = X·w + b are the scores, p = sigmoid(z) the probabilities of class 1.


def sigmoid(z: NDArray[Any]) -> Array:
    """Return 1 / (1 + exp(-z)) of each element, in float64, without overflow or warning."""
    scores = z.astype(np.float64)  # before the minus sign: in uint8, -3 is 253
    # exp of a number that is never positive cannot overflow. For z < 0 the fraction is widened by e^z, which keeps
    # the many small digits that 1 - sigmoid(-z) would lose.
    e = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1.0, e) / (1.0 + e)


def log_loss(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> float:
    """Return the mean of -(y ln p + (1 - y) ln(1 - p)), plus l2/2 times the sum of the squared weights."""
    z = X @ w + b  # (n,)
    # -ln of the probability of the sample's own label is ln(1 + e^-z) for 1 and ln(1 + e^z) for 0, taken from the
    # score: by p it would be ln 0 as soon as the sigmoid rounds to 0 or 1, near z = 37.
    losses = np.logaddexp(0.0, np.where(y == 1, -z, z))  # (n,)
    return float(losses.mean() + l2 / 2 * np.sum(w**2))


def gradient(X: NDArray[Any], y: NDArray[Any], w: Array, b: float, l2: float = 0.0) -> tuple[Array, float]:
    """Return the derivatives of `log_loss` with respect to w, (d,), and to b, a float."""
    # The derivative of a sample's loss by its score is p - y: the same form as in linear regression.
    error = sigmoid(X @ w + b) - y  # (n,)
    grad_w = X.T @ error / len(X) + l2 * w  # (d,)
    return grad_w, float(error.mean())


class LogisticRegression:
    """A classifier for 0 and 1: fit leaves coef_ (d,), intercept_ and losses_ (n_steps + 1)."""

    def __init__(self, learning_rate: float = 0.1, n_steps: int = 1000, l2: float = 0.0) -> None:
        self.learning_rate = learning_rate
        self.n_steps = n_steps
        self.l2 = l2

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> LogisticRegression:
        """Learn from X (n, d) and y (n,) by plain gradient descent from zero, and return the model."""
        if not np.isfinite(X).all():
            raise ValueError("X holds NaN or infinity: remove or fill those values first")
        if y.shape != (len(X),):  # (n, 1) would broadcast to n × n errors
            raise ValueError(f"y must be of shape ({len(X)},), got {y.shape}")
        # Labels of -1 and 1 belong to another form of the loss; here something else would be learned silently.
        if not np.isin(y, (0, 1)).all():
            raise ValueError("y must hold 0 and 1 only; turn other labels into these first")
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
        """Return the probability of class 1 for each row of X, (n,)."""
        return sigmoid(X @ self.coef_ + self.intercept_)

    def predict(self, X: NDArray[Any]) -> NDArray[np.int64]:
        """Return 1 where the probability is at least 0.5, otherwise 0, (n,)."""
        return (self.predict_proba(X) >= 0.5).astype(np.int64)


# scikit-learn's LogisticRegression minimises the sum of the losses times C plus half the squared weights, so its C is
# 1 / (n * l2), and C = 1 by default: it penalises unless told not to. It walks by L-BFGS, which looks at curvature and
# needs tens of steps where this loop needs thousands; and it takes several classes, by softmax.
