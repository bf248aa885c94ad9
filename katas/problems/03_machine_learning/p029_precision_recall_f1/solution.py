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

    y_true, y_pred: (n,), left unchanged. labels: the order of the rows and columns; None for all that occur in
    either, sorted. Raises ValueError, naming the argument, as the task says.
    """
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    if len(true) == 0:
        raise ValueError("y_true is empty: there is nothing to count")
    if predicted.shape != true.shape:
        raise ValueError(f"y_pred must be of shape {true.shape} like y_true, got {predicted.shape}")
    # Both are coded together: a label that is never predicted, or never true, still has its row and its column.
    occurring, codes = np.unique(np.concatenate([true, predicted]), return_inverse=True)
    places = _places(occurring, labels)
    k = len(occurring) if labels is None else len(labels)
    rows, columns = np.split(places[codes], 2)  # (n,) each
    # One number for each pair (row, column); counting them is a single pass over the samples.
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
    Raises ValueError, naming the argument, as the task says.
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


def _places(occurring: NDArray[Any], labels: Labels | None) -> NDArray[np.intp]:
    """Row number in the matrix of each occurring label."""
    if labels is None:
        return np.arange(len(occurring))
    place = {label: i for i, label in enumerate(np.asarray(labels).tolist())}
    if len(place) < len(labels):
        raise ValueError("labels holds the same label twice")
    if missing := [label for label in occurring.tolist() if label not in place]:
        # Leaving the samples out in silence would make every score look better than it is.
        raise ValueError(f"labels lacks {missing[0]!r}, which occurs in the data")
    return np.array([place[label] for label in occurring.tolist()])


def _ratio(part: NDArray[Any], whole: NDArray[Any], zero_division: float) -> Array:
    """part / whole, and `zero_division` where there is no whole; (k,)."""
    out = np.full(len(whole), float(zero_division))
    return np.asarray(np.divide(part, whole, out=out, where=whole > 0))


# scikit-learn's precision_recall_fscore_support gives the same numbers (and the support), takes sample weights and
# F-beta, and warns where a denominator is 0 unless told what to put there. Its `labels` may also be a selection: then
# micro no longer equals accuracy, which here it always does.
