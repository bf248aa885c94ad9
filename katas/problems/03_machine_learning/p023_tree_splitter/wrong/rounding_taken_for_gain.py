"""Any gain above 0 counts, so that a rounding error of 1e-16 makes a split."""

from __future__ import annotations
from typing import Any, NamedTuple
import numpy as np
from numpy.typing import NDArray
Array = NDArray[np.float64]
LEAST_GAIN = 0.0

class Split(NamedTuple):
    feature: int
    threshold: float
    gain: float

def gini(y: NDArray[Any]) -> float:
    return float(_impurity(_counts(y), 'gini'))

def entropy(y: NDArray[Any]) -> float:
    return float(_impurity(_counts(y), 'entropy'))

def gain(y: NDArray[Any], goes_left: NDArray[np.bool_], criterion: str='gini') -> float:
    _check_criterion(criterion)
    classes, codes = np.unique(y, return_inverse=True)
    left = np.bincount(codes[goes_left], minlength=len(classes))
    right = np.bincount(codes[~goes_left], minlength=len(classes))
    if not left.any() or not right.any():
        return 0.0
    return float(_gains(left, right, criterion))

def best_split(X: NDArray[Any], y: NDArray[Any], criterion: str='gini') -> Split | None:
    _check_criterion(criterion)
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f'X must be of shape (n, d) with at least one row, got {X.shape}')
    if y.shape != (len(X),):
        raise ValueError(f'y must be of shape ({len(X)},), got {y.shape}')
    values = X.astype(np.float64)
    if np.isnan(values).any():
        raise ValueError('X holds NaN, which has no place in an order: fill or remove it first')
    classes, codes = np.unique(y, return_inverse=True)
    one_hot = np.eye(len(classes), dtype=np.int64)[codes]
    best: Split | None = None
    for feature in range(X.shape[1]):
        found = _best_threshold(values[:, feature], one_hot, criterion)
        if found and found[1] > (best.gain if best else 0.0) + LEAST_GAIN:
            best = Split(feature, *found)
    return best

def _best_threshold(values: Array, one_hot: NDArray[np.int64], criterion: str) -> tuple[float, float] | None:
    order = np.argsort(values, kind='stable')
    ordered = values[order]
    cuts = np.flatnonzero(ordered[:-1] < ordered[1:])
    if len(cuts) == 0:
        return None
    running = np.cumsum(one_hot[order], axis=0)
    left = running[cuts]
    gains = _gains(left, running[-1] - left, criterion)
    at = int(np.argmax(gains >= gains.max() - LEAST_GAIN))
    lower, upper = (ordered[cuts[at]], ordered[cuts[at] + 1])
    return (float(lower + (upper - lower) / 2), float(gains[at]))

def _gains(left: NDArray[np.int64], right: NDArray[np.int64], criterion: str) -> Array:
    n_left, n_right = (left.sum(axis=-1), right.sum(axis=-1))
    children = n_left * _impurity(left, criterion) + n_right * _impurity(right, criterion)
    return np.asarray(_impurity(left + right, criterion) - children / (n_left + n_right))

def _impurity(counts: NDArray[np.int64], criterion: str) -> Array:
    p = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    if criterion == 'gini':
        return np.asarray((p * (1 - p)).sum(axis=-1))
    return np.asarray(-(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=-1) + 0.0)

def _counts(y: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(np.unique(y, return_counts=True)[1])

def _check_criterion(criterion: str) -> None:
    if criterion not in ('gini', 'entropy'):
        raise ValueError(f'criterion must be "gini" or "entropy", got {criterion!r}')
