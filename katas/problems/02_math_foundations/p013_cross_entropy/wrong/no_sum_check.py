"""Rows that do not sum to 1 are accepted as probabilities."""

from typing import Any
import numpy as np
from numpy.typing import NDArray
LEAST_PROBABILITY = 1e-12


def cross_entropy(probs, labels):
    table = _table(probs, 'probs')
    if (table < 0).any():
        raise ValueError('probs must be rows of probabilities that sum to 1; are these logits?')
    p = table[np.arange(len(table)), _classes(labels, table.shape)]
    return float(-np.log(np.maximum(p, LEAST_PROBABILITY)).mean())


def cross_entropy_from_logits(logits, labels):
    scores = _table(logits, 'logits')
    true = _classes(labels, scores.shape)
    scores = scores - scores.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(scores).sum(axis=1))
    return float((log_total - scores[np.arange(len(scores)), true]).mean())


def _table(values, name):
    if values.ndim != 2 or len(values) == 0:
        raise ValueError(f'{name} must be of shape (n, c) with at least one sample, got {values.shape}')
    return values.astype(np.float64)


def _classes(labels, shape):
    n, c = shape
    if labels.shape == (n, c):
        if not (((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all()):
            raise ValueError('labels of shape (n, c) must be one-hot: a single 1 in each row, the rest 0')
        return np.asarray(labels.argmax(axis=1))
    if labels.shape != (n,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f'labels must be {n} integers, or one-hot rows of shape {(n, c)}; got shape {labels.shape}')
    if labels.min() < 0 or labels.max() >= c:
        raise ValueError(f'labels must lie between 0 and {c - 1}')
    return labels
