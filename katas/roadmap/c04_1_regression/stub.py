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
    raise NotImplementedError


def rate_limit(x: NDArray[Any]) -> float:
    """Return the learning rate above which `fit` of p014 diverges on x (n, d), and below which it arrives."""
    raise NotImplementedError


def descend(x: NDArray[Any], y: NDArray[Any], n_steps: int = 1000) -> tuple[Array, float, list[float]]:
    """Return (w, b, losses) of `fit` of p014 on standardised columns, with w and b for the columns of x."""
    raise NotImplementedError


def probabilities(x: NDArray[Any], w: Array, b: float) -> Array:
    """Return the probability 1 / (1 + exp(-z)) of class 1 for each row, (n,), with z = x·w + b."""
    raise NotImplementedError


def log_likelihood(x: NDArray[Any], y: NDArray[Any], w: Array, b: float) -> float:
    """Return the logarithm of the probability of all labels y (n,), each 0 or 1, together."""
    raise NotImplementedError


def logistic(x: NDArray[Any], y: NDArray[Any], l2: float = 0.0) -> tuple[Array, float]:
    """Return the weights (d,) and the bias where log_likelihood - l2/2 Σ w² is largest.

    Raises ValueError when there is no such place, or more than one.
    """
    raise NotImplementedError
