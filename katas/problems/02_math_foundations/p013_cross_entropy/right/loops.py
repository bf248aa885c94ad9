"""One sample after the other, with the standard library's logarithms."""
import math

import numpy as np


def _true(labels, n, c):
    if labels.shape == (n, c):
        if any(sorted(float(v) for v in row) != [0.0] * (c - 1) + [1.0] for row in labels.tolist()):
            raise ValueError("labels: not one-hot")
        return [row.index(1) for row in labels.tolist()]
    if labels.shape != (n,) or labels.dtype.kind not in "iu" or any(not 0 <= k < c for k in labels.tolist()):
        raise ValueError("labels: wrong shape, type or class")
    return labels.tolist()


def cross_entropy(probs, labels):
    total = 0.0
    for row, k in zip(probs.tolist(), _true(labels, *probs.shape), strict=True):
        if min(row) < 0 or abs(sum(row) - 1) > 1e-4:
            raise ValueError("probs: no probabilities")
        total -= math.log(max(row[k], 1e-12))
    return total / len(probs)


def cross_entropy_from_logits(logits, labels):
    total = 0.0
    for row, k in zip(logits.tolist(), _true(labels, *logits.shape), strict=True):
        top = max(row)
        total += math.log(sum(math.exp(s - top) for s in row)) - (row[k] - top)
    return np.float64(total / len(logits))
