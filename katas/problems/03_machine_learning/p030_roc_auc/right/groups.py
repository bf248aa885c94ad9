"""Counts of each different score, added up from above; the area by ranks."""

import numpy as np


def both(y_true, scores):
    if y_true.ndim != 1 or set(np.unique(y_true).tolist()) != {0, 1}:
        raise ValueError("y_true must be one axis of 0 and 1, both of them")
    if scores.shape != y_true.shape or not np.isfinite(scores).all():
        raise ValueError("scores must be finite and one for each label")
    return y_true.astype(bool), scores.astype(float)


def roc_curve(y_true, scores):
    y, s = both(y_true, scores)
    levels, group = np.unique(s, return_inverse=True)
    ones = np.bincount(group, weights=y)[::-1].cumsum()
    zeros = np.bincount(group, weights=~y)[::-1].cumsum()
    return (
        np.concatenate([[0], zeros / zeros[-1]]),
        np.concatenate([[0], ones / ones[-1]]),
        np.concatenate([[np.inf], levels[::-1]]),
    )


def auc(x, y):
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    if x.ndim != 1 or x.size < 2 or np.any(x[1:] < x[:-1]):
        raise ValueError("x must have two points or more and not fall")
    if y.shape != x.shape:
        raise ValueError("y must be as long as the other")
    return float(np.trapezoid(y, x)) if hasattr(np, "trapezoid") else float(np.trapz(y, x))


def roc_auc_score(y_true, scores):
    y, s = both(y_true, scores)
    levels, group, counts = np.unique(s, return_inverse=True, return_counts=True)
    middle = counts.cumsum() - (counts - 1) / 2
    n_ones = int(y.sum())
    n_zeros = len(y) - n_ones
    return float((middle[group][y].sum() - n_ones * (n_ones + 1) / 2) / (n_ones * n_zeros))
