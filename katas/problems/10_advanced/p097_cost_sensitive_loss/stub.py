"""Class weights, a weighted cross-entropy with its gradient, and the decision that costs least."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.integer[Any]]


def class_weights(y: Labels, n_classes: int) -> Array:
    """Return n / (m * n_k) for each class k, 0 where it does not occur: (n_classes,).

    y: (n,) labels from 0 to n_classes - 1, else an error; n_k of them are k, and m different ones occur.
    """
    raise NotImplementedError


def weighted_loss(logits: Array, y: Labels, weights: Array) -> float:
    """Return the mean cross-entropy of the rows, each weighted by the weight of its true class.

    logits: (n, K), of any size. y: (n,), from 0 to K - 1. weights: (K,); 0 is returned where all rows weigh 0.
    Raises ValueError or IndexError for other labels, and for weights of another shape.
    """
    raise NotImplementedError


def weighted_gradient(logits: Array, y: Labels, weights: Array) -> Array:
    """Return the derivative of weighted_loss with respect to the logits: (n, K)."""
    raise NotImplementedError


def cheapest_class(probabilities: Array, cost: Array) -> NDArray[np.intp]:
    """Return for each row the answer of the smallest expected cost, the smallest label on a tie: (n,).

    probabilities: (n, K). cost: (K, K), where cost[t, k] is what the answer k costs where t is true.
    """
    raise NotImplementedError
