"""Linear regression solved at once and by descent, and logistic regression by maximum likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
from linear_descent import fit
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def normal_equation(x: NDArray[Any], y: NDArray[Any]) -> tuple[Array, float]:
    """Return the weights (d,) and the bias with the least squared error, for x (n, d) and y (n,).

    Raises ValueError when they are not unique.
    """
    _check(x, y)
    design = _with_ones(x)  # (n, d + 1)
    _check_independent(design)
    # At the minimum the residual is at right angles to every column: Aᵀ(A v - y) = 0.
    solved = np.linalg.solve(design.T @ design, design.T @ y.astype(np.float64))  # (d + 1,)
    return solved[:-1], float(solved[-1])


def rate_limit(x: NDArray[Any]) -> float:
    """Return the learning rate above which `fit` of p014 diverges on x (n, d), and below which it arrives."""
    design = _with_ones(x)
    # The second derivatives of the mean squared error. Along an eigenvector, a step multiplies the distance to the
    # minimum by 1 - rate * eigenvalue, which has to stay above -1.
    curvature = 2 / len(x) * design.T @ design  # (d + 1, d + 1)
    return float(2 / np.linalg.eigvalsh(curvature)[-1])


def descend(x: NDArray[Any], y: NDArray[Any], n_steps: int = 1000) -> tuple[Array, float, list[float]]:
    """Return (w, b, losses) of `fit` of p014 on standardised columns, with w and b for the columns of x."""
    values = x.astype(np.float64)
    mean = values.mean(axis=0)  # (d,)
    # ptp is exactly 0 for a constant column, where std may be 1e-17.
    spread = np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), np.inf)  # (d,)
    # One rate has to serve all columns, so they are made equally large; a constant one becomes 0.
    scaled = (values - mean) / spread  # (n, d)
    w, b, losses = fit(scaled, y, rate_limit(scaled) / 2, n_steps)
    # (x - mean) / spread · w + b, sorted by what belongs to x and what does not.
    return w / spread, float(b - mean @ (w / spread)), losses


def probabilities(x: NDArray[Any], w: Array, b: float) -> Array:
    """Return the probability 1 / (1 + exp(-z)) of class 1 for each row, (n,), with z = x·w + b."""
    z = x @ w + b  # (n,)
    # exp of a number that is never positive cannot overflow.
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, e) / (1.0 + e))


def log_likelihood(x: NDArray[Any], y: NDArray[Any], w: Array, b: float) -> float:
    """Return the logarithm of the probability of all labels y (n,), each 0 or 1, together."""
    z = x @ w + b  # (n,)
    # A product of n probabilities is 0 in floats for large n; its logarithm is a sum. ln p of the row's own label is
    # -ln(1 + e^-z) for 1 and -ln(1 + e^z) for 0.
    return float(-np.logaddexp(0.0, np.where(y == 1, -z, z)).sum())


def logistic(x: NDArray[Any], y: NDArray[Any], l2: float = 0.0) -> tuple[Array, float]:
    """Return the weights (d,) and the bias where log_likelihood - l2/2 Σ w² is largest.

    Raises ValueError when there is no such place, or more than one.
    """
    _check(x, y)
    if not np.isin(y, (0, 1)).all():
        raise ValueError("y must hold 0 and 1 only")
    if y.min() == y.max():
        raise ValueError("y holds one class alone: the likelihood grows with the bias for ever")
    design = _with_ones(x)  # (n, d + 1)
    if l2 == 0:
        _check_independent(design)
    penalty = np.append(np.full(x.shape[1], l2), 0.0)  # (d + 1,), none for the bias

    def goal(v: Array) -> float:
        return log_likelihood(design, y, v, 0.0) - float(penalty @ v**2) / 2

    v = np.zeros(design.shape[1])
    for _ in range(100):
        # Some weights put every row on its own side, so twice these weights make the labels more likely still.
        if l2 == 0 and ((2.0 * y - 1.0) * (design @ v) > 0).all():
            raise ValueError("the classes can be separated: the likelihood grows with the weights for ever")
        p = probabilities(design, v, 0.0)  # (n,)
        # Newton's step to the top of the parabola that fits here: the normal equation once more, with weights p(1 - p).
        slope = design.T @ (y - p) - penalty * v  # (d + 1,)
        curvature = (design.T * (p * (1 - p))) @ design + np.diag(penalty)  # (d + 1, d + 1)
        step = np.linalg.solve(curvature, slope)
        gain = float(slope @ step)  # twice what the parabola promises, in units of the log-likelihood
        # Far from the top a whole step can lead downhill.
        while gain > 1e-12 and goal(v + step) < goal(v):
            step = step / 2
        v = v + step
        if gain <= 1e-12:
            return v[:-1], float(v[-1])
    raise ValueError("the likelihood has no maximum that Newton's method can find")


def _with_ones(x: NDArray[Any]) -> Array:
    """The columns of x and one of ones, whose weight is the bias, (n, d + 1)."""
    return np.column_stack([x.astype(np.float64), np.ones(len(x))])


def _check_independent(design: Array) -> None:
    # Columns of length 1 first: otherwise a column in kilometres looks like nothing beside one in millimetres. And the
    # rank is that of the design, not of its square, which has only half the digits to tell two columns apart.
    size = np.linalg.norm(design, axis=0)
    if np.linalg.matrix_rank(design / np.where(size > 0, size, 1.0), tol=1e-10) < design.shape[1]:
        raise ValueError("the columns of x and the bias depend on each other: many weights fit equally well")


def _check(x: NDArray[Any], y: NDArray[Any]) -> None:
    if y.shape != (len(x),):  # (n, 1) would broadcast to n × n
        raise ValueError(f"y must be of shape ({len(x)},), got {y.shape}")


# scikit-learn's LinearRegression takes the singular values of the centred x instead of the normal equation, and of many
# solutions returns the shortest without a word. Its LogisticRegression penalises by default: C is 1 / l2, and 1.0.
