"""Gives its answer for an empty child, or for a single class, before it looks at the criterion: a misspelt one goes unnoticed there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Split(NamedTuple):
    """Rows with X[:, feature] <= threshold go left; gain is how much purer the children are."""

    feature: int
    threshold: float
    gain: float


def _impurity(counts: NDArray[Any], criterion: str) -> NDArray[np.float64]:
    """Impurity of each row of class counts."""
    shares = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    if criterion == "gini":
        return np.where(counts.sum(axis=-1) > 0, 1.0 - (shares**2).sum(axis=-1), 0.0)
    logs = np.log2(shares, out=np.zeros(shares.shape), where=shares > 0)
    return np.maximum(-(shares * logs).sum(axis=-1), 0.0)


def gini(y: NDArray[Any]) -> float:
    """1 minus the sum of the squared shares of the classes in y, (n,); 0.0 for no labels."""
    return float(_impurity(np.unique(np.asarray(y), return_counts=True)[1], "gini"))


def entropy(y: NDArray[Any]) -> float:
    """Minus the sum of p log2(p) over the shares p of the classes in y, (n,); 0.0 for no labels."""
    return float(_impurity(np.unique(np.asarray(y), return_counts=True)[1], "entropy"))


def _check_criterion(criterion: str) -> None:
    if criterion not in ("gini", "entropy"):
        raise ValueError(f"criterion must be 'gini' or 'entropy', not {criterion!r}")


def gain(y: NDArray[Any], goes_left: NDArray[np.bool_], criterion: str = "gini") -> float:
    """Impurity of y, (n,), minus the impurities of its two children, each weighted by its share of the rows."""
    y, goes_left = np.asarray(y), np.asarray(goes_left, dtype=bool)
    left, right = y[goes_left], y[~goes_left]
    if len(left) == 0 or len(right) == 0:
        return 0.0
    _check_criterion(criterion)
    impurity = gini if criterion == "gini" else entropy
    return impurity(y) - len(left) / len(y) * impurity(left) - len(right) / len(y) * impurity(right)


def best_split(X: NDArray[Any], y: NDArray[Any], criterion: str = "gini") -> Split | None:
    """The feature and midpoint threshold of the largest gain; None when nothing gains more than 1e-12."""
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or X.shape[0] == 0:
        raise ValueError(f"X must be two-dimensional and have rows, not {X.shape}")
    if np.isnan(X).any():
        raise ValueError("X holds NaN")
    if y.shape != (X.shape[0],):
        raise ValueError(f"y must have shape ({X.shape[0]},), not {y.shape}")
    n, d = X.shape
    X = X.astype(np.float64)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) == 1:
        return None
    _check_criterion(criterion)
    total = np.bincount(codes, minlength=len(classes))
    parent = _impurity(total, criterion)
    best = None
    for feature in range(d):
        order = np.argsort(X[:, feature], kind="stable")
        values, labels = X[order, feature], codes[order]
        cuts = np.flatnonzero(values[1:] > values[:-1])
        if len(cuts) == 0:
            continue
        left = np.cumsum(np.eye(len(classes), dtype=np.int64)[labels], axis=0)[cuts]
        n_left = cuts + 1
        gains = parent - n_left / n * _impurity(left, criterion) - (n - n_left) / n * _impurity(total - left, criterion)
        first = int(np.flatnonzero(gains > gains.max() - 1e-12)[0])
        if gains[first] > 1e-12 and (best is None or gains[first] >= best.gain + 1e-12):
            cut = cuts[first]
            best = Split(feature, float(values[cut] / 2 + values[cut + 1] / 2), float(gains[first]))
    return best
