"""Scores that differ by less than 1e-8 are taken as equal, so different small scores share a point."""

from __future__ import annotations

import numpy as np


def _check(y_true, scores):
    y_true, scores = np.asarray(y_true), np.asarray(scores)
    if y_true.ndim != 1:
        raise ValueError("y_true must be of shape (n,)")
    if not np.isin(y_true, [0, 1]).all():
        raise ValueError("y_true must hold 0 and 1 only")
    if len(np.unique(y_true)) != 2:
        raise ValueError("y_true must hold both classes")
    if scores.shape != y_true.shape:
        raise ValueError("scores must be of the shape of y_true")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    return y_true == 1, scores.astype(np.float64)


def roc_curve(y_true, scores):
    """The curve."""
    positive, scores = _check(y_true, scores)
    order = np.argsort(-scores, kind="stable")
    positive, scores = positive[order], scores[order]
    last = np.append(np.flatnonzero(~np.isclose(np.diff(scores), 0)), len(scores) - 1)
    tp = np.cumsum(positive)[last]
    fp = last + 1 - tp
    tpr = np.append(0.0, tp / np.count_nonzero(positive))
    fpr = np.append(0.0, fp / np.count_nonzero(~positive))
    return fpr, tpr, np.append(np.inf, scores[last]).astype(np.float64)


def auc(x, y):
    """The area."""
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError("x must have at least two points")
    if y.shape != x.shape:
        raise ValueError("y must be of the shape of x")
    x, y = x.astype(np.float64), y.astype(np.float64)
    if (np.diff(x) < 0).any():
        raise ValueError("x must not fall")
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


def roc_auc_score(y_true, scores):
    """The area under the curve."""
    fpr, tpr, _ = roc_curve(y_true, scores)
    return auc(fpr, tpr)
