"""Confusion matrix, precision, recall and F1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[Any] | Sequence[Any]


def confusion_matrix(y_true: Labels, y_pred: Labels, labels: Labels | None = None) -> NDArray[np.int64]:
    """Counts (k, k): entry [i, j] is how many samples of true label i were predicted as label j.

    y_true, y_pred: (n,). labels: the order of the rows and columns; None for all that occur in either, sorted.
    Raises ValueError for different lengths, and for labels that repeats a label or lacks one that occurs.
    """
    if len(y_pred) != len(y_true):
        raise ValueError(f"y_pred must have as many labels as y_true, {len(y_true)}, got {len(y_pred)}")
    # Both are coded together: a label that is never predicted, or never true, still has its row and its column.
    occurring, codes = np.unique(np.concatenate([y_true, y_pred]), return_inverse=True)
    order = occurring.tolist() if labels is None else np.asarray(labels).tolist()
    place = {label: i for i, label in enumerate(order)}
    if len(place) < len(order):
        raise ValueError("labels holds the same label twice")
    if missing := [label for label in occurring.tolist() if label not in place]:
        # Leaving the samples out in silence would make every score look better than it is.
        raise ValueError(f"labels lacks {missing[0]!r}, which occurs in the data")

    rows, columns = np.split(np.array([place[label] for label in occurring.tolist()])[codes], 2)  # (n,) each
    # One number for each pair (row, column); counting them is a single pass over the samples.
    k = len(order)
    return np.bincount(rows * k + columns, minlength=k * k).reshape(k, k)


def precision_recall_f1(
    y_true: Labels,
    y_pred: Labels,
    average: str | None = None,
    labels: Labels | None = None,
    zero_division: float = 0.0,
) -> tuple[Any, Any, Any]:
    """(precision, recall, f1): arrays (k,) by label for average=None, otherwise floats.

    average: None, "micro", "macro" or "weighted" (by the number of true samples).
    zero_division: a score's value where its own denominator is 0.
    Raises ValueError where `confusion_matrix` does, and for another average.
    """
    if average not in (None, "micro", "macro", "weighted"):
        raise ValueError(f'average must be None, "micro", "macro" or "weighted", got {average!r}')
    matrix = confusion_matrix(y_true, y_pred, labels)
    tp = matrix.diagonal()  # (k,)
    n_predicted, n_true = matrix.sum(axis=0), matrix.sum(axis=1)  # down a column; along a row
    if average == "micro":
        tp, n_predicted, n_true = (counts.sum(keepdims=True) for counts in (tp, n_predicted, n_true))
    # tp + fp is all that was predicted so, tp + fn all that truly is so; their sum is 2 tp + fp + fn.
    scores = (
        _ratio(tp, n_predicted, zero_division),
        _ratio(tp, n_true, zero_division),
        # Straight from the counts: 2PR / (P + R) is 0/0 when both are 0, though F1 is simply 0 there.
        _ratio(2 * tp, n_predicted + n_true, zero_division),
    )
    if average is None:
        return scores
    # Each score is averaged by itself: the F1 of averages is not the average F1.
    weights = n_true if average == "weighted" else np.ones(len(tp))
    precision, recall, f1 = (float(np.average(score, weights=weights)) for score in scores)
    return precision, recall, f1


def _ratio(part: NDArray[Any], whole: NDArray[Any], zero_division: float) -> Array:
    """part / whole, and `zero_division` where there is no whole; (k,)."""
    out = np.full(len(whole), float(zero_division))
    return np.asarray(np.divide(part, whole, out=out, where=whole > 0))


# scikit-learn's precision_recall_fscore_support returns the same numbers (and the support), takes sample weights and
# F-beta, and warns where a denominator is 0 unless told what to put there. Its `labels` may also be a selection: then
# micro no longer equals accuracy, which here it always does.
