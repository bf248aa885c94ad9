"""y_pred takes over the dtype of y_true, so predicted strings that are longer than any true one are cut to its width."""

from __future__ import annotations

import numpy as np


def _prepare(y_true, y_pred, labels):
    y_true = np.asarray(y_true)
    y_pred = np.asarray(y_pred, dtype=y_true.dtype)
    if len(y_true) == 0:
        raise ValueError("y_true must not be empty")
    if len(y_pred) != len(y_true):
        raise ValueError("y_pred must be as long as y_true")
    occurring = np.unique(np.concatenate([y_true, y_pred]))
    if labels is None:
        labels = occurring
    place = {label: i for i, label in enumerate(np.asarray(labels).tolist())}
    if len(place) != len(labels):
        raise ValueError("labels must not repeat a label")
    if any(label not in place for label in occurring.tolist()):
        raise ValueError("labels lacks a label that occurs")
    return y_true.tolist(), y_pred.tolist(), place


def confusion_matrix(y_true, y_pred, labels=None):
    """Counts."""
    y_true, y_pred, place = _prepare(y_true, y_pred, labels)
    matrix = np.zeros((len(place), len(place)), dtype=np.int64)
    for t, p in zip(y_true, y_pred):
        matrix[place[t], place[p]] += 1
    return matrix


def _ratio(top, bottom, zero_division):
    top, bottom = np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)
    result = np.full(top.shape, float(zero_division))
    np.divide(top, bottom, out=result, where=bottom != 0)
    return result


def precision_recall_f1(y_true, y_pred, average=None, labels=None, zero_division=0.0):
    """Scores."""
    if average not in (None, "micro", "macro", "weighted"):
        raise ValueError("average must be None, 'micro', 'macro' or 'weighted'")
    matrix = confusion_matrix(y_true, y_pred, labels)
    tp = np.diag(matrix)
    fp = matrix.sum(axis=0) - tp
    fn = matrix.sum(axis=1) - tp
    if average == "micro":
        tp, fp, fn = tp.sum(), fp.sum(), fn.sum()
    precision = _ratio(tp, tp + fp, zero_division)
    recall = _ratio(tp, tp + fn, zero_division)
    f1 = _ratio(2 * tp, 2 * tp + fp + fn, zero_division)
    scores = (precision, recall, f1)
    if average is None:
        return scores
    if average == "micro":
        return tuple(float(score) for score in scores)
    weights = np.ones(len(tp)) if average == "macro" else tp + fn
    return tuple(float((score * weights).sum() / weights.sum()) for score in scores)
