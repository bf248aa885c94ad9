"""Samples at the threshold are not called positive; score >= threshold is."""

from __future__ import annotations
from typing import Any
import numpy as np
from numpy.typing import NDArray
Array = NDArray[np.float64]

def roc_curve(y_true: NDArray[Any], scores: NDArray[Any]) -> tuple[Array, Array, Array]:
    is_positive, values = _checked(y_true, scores)
    order = np.argsort(-values)
    ranked = values[order]
    hits = np.cumsum(is_positive[order])
    false_alarms = np.arange(1, len(ranked) + 1) - hits
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    tpr = np.append(0.0, hits[ends] / hits[-1])
    fpr = np.append(0.0, false_alarms[ends] / false_alarms[-1])
    return (np.append(fpr[:-1], 1.0)[np.append(0, np.arange(len(fpr) - 1))], np.append(tpr[:-1], 1.0)[np.append(0, np.arange(len(tpr) - 1))], np.append(np.inf, ranked[ends]))

def auc(x: NDArray[Any], y: NDArray[Any]) -> float:
    x, y = (np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f'x must be of shape (m,) with at least two points, got {x.shape}')
    if y.shape != x.shape:
        raise ValueError(f'y must be of shape {x.shape} like x, got {y.shape}')
    widths = np.diff(x)
    if not (widths >= 0).all():
        raise ValueError('x falls somewhere; sort the points by x first')
    return float(np.sum(widths * (y[1:] + y[:-1]) / 2))

def roc_auc_score(y_true: NDArray[Any], scores: NDArray[Any]) -> float:
    fpr, tpr, _ = roc_curve(y_true, scores)
    return auc(fpr, tpr)

def _checked(y_true: NDArray[Any], scores: NDArray[Any]) -> tuple[NDArray[np.bool_], Array]:
    if y_true.ndim != 1:
        raise ValueError(f'y_true must be of shape (n,), got {y_true.shape}')
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError('y_true must hold 0 and 1 only')
    is_positive = y_true == 1
    if is_positive.all() or not is_positive.any():
        raise ValueError('y_true holds one class only; the ROC curve needs both')
    if scores.shape != y_true.shape:
        raise ValueError(f'scores must be of shape {y_true.shape} like y_true, got {scores.shape}')
    values = scores.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError('scores holds NaN or infinity')
    return (is_positive, values)
