"""Micro is computed as a plain mean over the labels."""

from __future__ import annotations
from collections.abc import Sequence
from typing import Any
import numpy as np
from numpy.typing import NDArray
Array = NDArray[np.float64]
Labels = NDArray[Any] | Sequence[Any]

def confusion_matrix(y_true: Labels, y_pred: Labels, labels: Labels | None=None) -> NDArray[np.int64]:
    true, predicted = (np.asarray(y_true), np.asarray(y_pred))
    if len(true) == 0:
        raise ValueError('y_true is empty: there is nothing to count')
    if predicted.shape != true.shape:
        raise ValueError(f'y_pred must be of shape {true.shape} like y_true, got {predicted.shape}')
    occurring, codes = np.unique(np.concatenate([true, predicted]), return_inverse=True)
    places = _places(occurring, labels)
    k = len(occurring) if labels is None else len(labels)
    rows, columns = np.split(places[codes], 2)
    return np.bincount(rows * k + columns, minlength=k * k).reshape(k, k)

def precision_recall_f1(y_true: Labels, y_pred: Labels, average: str | None=None, labels: Labels | None=None, zero_division: float=0.0) -> tuple[Any, Any, Any]:
    if average not in (None, 'micro', 'macro', 'weighted'):
        raise ValueError(f'average must be None, "micro", "macro" or "weighted", got {average!r}')
    matrix = confusion_matrix(y_true, y_pred, labels)
    tp = matrix.diagonal()
    n_predicted, n_true = (matrix.sum(axis=0), matrix.sum(axis=1))
    scores = (_ratio(tp, n_predicted, zero_division), _ratio(tp, n_true, zero_division), _ratio(2 * tp, n_predicted + n_true, zero_division))
    if average is None:
        return scores
    weights = n_true if average == 'weighted' else np.ones(len(tp))
    precision, recall, f1 = (float(np.average(score, weights=weights)) for score in scores)
    return (precision, recall, f1)

def _places(occurring: NDArray[Any], labels: Labels | None) -> NDArray[np.intp]:
    if labels is None:
        return np.arange(len(occurring))
    place = {label: i for i, label in enumerate(np.asarray(labels).tolist())}
    if len(place) < len(labels):
        raise ValueError('labels holds the same label twice')
    if (missing := [label for label in occurring.tolist() if label not in place]):
        raise ValueError(f'labels lacks {missing[0]!r}, which occurs in the data')
    return np.array([place[label] for label in occurring.tolist()])

def _ratio(part: NDArray[Any], whole: NDArray[Any], zero_division: float) -> Array:
    out = np.full(len(whole), float(zero_division))
    return np.asarray(np.divide(part, whole, out=out, where=whole > 0))
