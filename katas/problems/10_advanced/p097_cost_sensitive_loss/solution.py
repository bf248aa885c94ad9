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
    _check_labels(y, n_classes)
    counts = np.bincount(y.astype(np.intp), minlength=n_classes)  # (K,): minlength keeps classes after the last one
    occurs = counts > 0
    # Each class that occurs gets the same share n / m of the whole weight n, spread evenly over its n_k rows.
    return np.asarray(np.divide(len(y) / occurs.sum(), counts, out=np.zeros(n_classes), where=occurs))


def weighted_loss(logits: Array, y: Labels, weights: Array) -> float:
    """Return the mean cross-entropy of the rows, each weighted by the weight of its true class.

    logits: (n, K), of any size. y: (n,), from 0 to K - 1. weights: (K,); 0 is returned where all rows weigh 0.
    Raises ValueError or IndexError for other labels, and for weights of another shape.
    """
    shares = _shares(logits, y, weights)  # (n,)
    costs = -_log_softmax(logits)[np.arange(len(y)), y]  # (n,)
    return float(shares @ costs)


def weighted_gradient(logits: Array, y: Labels, weights: Array) -> Array:
    """Return the derivative of weighted_loss with respect to the logits: (n, K)."""
    shares = _shares(logits, y, weights)  # (n,)
    # The derivative of a row's own cost is p - onehot(y), as it always is for softmax and cross-entropy. The row's
    # share depends on its label alone, not on its logits: it is a constant factor.
    slopes = np.exp(_log_softmax(logits))  # (n, K)
    slopes[np.arange(len(y)), y] -= 1
    return slopes * shares[:, None]


def cheapest_class(probabilities: Array, cost: Array) -> NDArray[np.intp]:
    """Return for each row the answer of the smallest expected cost, the smallest label on a tie: (n,).

    probabilities: (n, K). cost: (K, K), where cost[t, k] is what the answer k costs where t is true.
    """
    # Entry (i, k) is the sum over the classes t that may be true of p[i, t] * cost[t, k]. argmin takes the first.
    return np.asarray(np.argmin(probabilities @ cost, axis=1))


def _shares(logits: Array, y: Labels, weights: Array) -> Array:
    """Return each row's share of the whole weight, (n,), after a look at the arguments."""
    n_classes = logits.shape[1]
    _check_labels(y, n_classes)
    if weights.shape != (n_classes,):
        raise ValueError(f"weights must have one entry for each of {n_classes} classes, got shape {weights.shape}")
    row_weights = weights[y]  # (n,): by the class that is true, never by the one that is predicted
    # Divided by the sum of the weights, not by n: a batch with many rare rows takes no longer step than any other.
    total = row_weights.sum()
    return row_weights / total if total > 0 else np.zeros(len(y))


def _check_labels(y: Labels, n_classes: int) -> None:
    """Refuse labels that are no class: -1 as an index would quietly mean the last class."""
    if np.any((y < 0) | (y >= n_classes)):
        raise ValueError(f"y must hold labels from 0 to {n_classes - 1}")


def _log_softmax(logits: Array) -> Array:
    """Return the logarithms of the softmax of each row, (n, K), for logits of any size."""
    # Softmax only knows differences: with the largest score at 0 no exp overflows, and no sum is 0.
    moved = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=1, keepdims=True)))


# torch.nn.CrossEntropyLoss(weight=...) also smooths labels, and leaves out rows with ignore_index. Weights in the loss
# and costs in the decision do the same work twice: a model that was trained with weights no longer returns honest
# probabilities. Either train plainly and decide by cost, or weight the loss and take the largest.
