"""Turns the labels into a mask and sums what it selects."""
import numpy as np


def _mask(labels, n, c):
    if labels.ndim == 1 and len(labels) == n and np.issubdtype(labels.dtype, np.integer):
        mask = labels.astype(int)[:, None] == np.arange(c)
    elif labels.shape == (n, c) and np.isin(labels, (0, 1)).all():
        mask = labels.astype(bool)
    else:
        raise ValueError("labels are neither classes nor one-hot")
    if (mask.sum(axis=1) != 1).any():
        raise ValueError("labels must name exactly one class for each sample")
    return mask


def cross_entropy(probs, labels):
    probs = probs.astype(float)
    if np.any(probs < 0) or not np.allclose(probs.sum(axis=1), 1, rtol=0, atol=1e-4):
        raise ValueError("probs do not sum to 1")
    p = np.clip(probs, 1e-12, None)
    return -np.sum(np.where(_mask(labels, *probs.shape), np.log(p), 0.0)) / len(p)


def cross_entropy_from_logits(logits, labels):
    z = np.array(logits, dtype=np.float64)
    chosen = np.where(_mask(labels, *z.shape), z, 0.0).sum(axis=1)
    return np.mean(np.logaddexp.reduce(z, axis=1) - chosen)
