"""The best question a decision tree can ask: impurities, the gain of a split, and the search for the best one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST_GAIN = 1e-12  # below it a gain, or what one gains over another, is rounding, not knowledge


class Split(NamedTuple):
    """Rows with X[:, feature] <= threshold go left; gain is how much purer the children are."""

    feature: int
    threshold: float
    gain: float


def gini(y: NDArray[Any]) -> float:
    """1 minus the sum of the squared shares of the classes in y, (n,); 0 for no labels."""
    return float(_impurity(_one_hot(y).sum(axis=0), "gini"))


def entropy(y: NDArray[Any]) -> float:
    """Minus the sum of p log2(p) over the shares p of the classes in y, (n,); 0 for no labels."""
    return float(_impurity(_one_hot(y).sum(axis=0), "entropy"))


def gain(y: NDArray[Any], goes_left: NDArray[np.bool_], criterion: str = "gini") -> float:
    """Impurity of y, (n,), minus the impurities of its two children, each weighted by its share of the rows.

    goes_left: (n,) bool. With an empty child the gain is 0.
    Raises ValueError unless criterion is "gini" or "entropy".
    """
    _check_criterion(criterion)
    one_hot = _one_hot(y)
    return float(_gains(one_hot[goes_left].sum(axis=0), one_hot[~goes_left].sum(axis=0), criterion))


def best_split(X: NDArray[Any], y: NDArray[Any], criterion: str = "gini") -> Split | None:
    """The feature and midpoint threshold of the largest gain; None when nothing gains more than 1e-12.

    X: (n, d) numbers; y: (n,) labels. Ties go to the lowest feature, then to the lowest threshold; gains that differ
    by less than 1e-12 are a tie.
    Raises ValueError for NaN or infinity in X, y of another length, and any other criterion.
    """
    _check_criterion(criterion)
    if len(y) != len(X):
        raise ValueError(f"y must have one label for each of the {len(X)} rows of X, got {len(y)}")
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN, which has no place in an order, or infinity, which has no midpoint")
    values = X.astype(np.float64)  # in uint8 the midpoint of 200 and 250 would wrap around
    one_hot = _one_hot(y)  # (n, k)
    best: Split | None = None
    for feature in range(X.shape[1]):
        found = _best_threshold(values[:, feature], one_hot, criterion)
        # Only a clearly larger gain takes over, so the lowest feature keeps a tie.
        if found and found[1] > (best.gain if best else 0.0) + LEAST_GAIN:
            best = Split(feature, *found)
    return best


def _best_threshold(values: Array, one_hot: NDArray[np.int64], criterion: str) -> tuple[float, float] | None:
    """(threshold, gain) of the best cut of one feature, the lowest on a tie; None for a constant feature."""
    order = np.argsort(values)
    ordered = values[order]
    # A cut falls between two neighbours that differ; equal values cannot be told apart by any threshold.
    cuts = np.flatnonzero(ordered[:-1] < ordered[1:])  # (c,)
    if len(cuts) == 0:
        return None
    # Row i holds the class counts of the i + 1 smallest values, so one pass yields the left child of every cut.
    running = np.cumsum(one_hot[order], axis=0)  # (n, k)
    left = running[cuts]  # (c, k)
    gains = _gains(left, running[-1] - left, criterion)  # (c,)
    at = int(np.argmax(gains >= gains.max() - LEAST_GAIN))  # the first of the equally good
    return float(ordered[cuts[at]] + ordered[cuts[at] + 1]) / 2, float(gains[at])


def _gains(left: NDArray[np.int64], right: NDArray[np.int64], criterion: str) -> Array:
    """Gain of each split, from the class counts of its children: (..., k) each."""
    n_left, n_right = left.sum(axis=-1), right.sum(axis=-1)
    # Weighted by size: a single pure row beside a mixed crowd says little.
    children = n_left * _impurity(left, criterion) + n_right * _impurity(right, criterion)
    return np.asarray(_impurity(left + right, criterion) - children / (n_left + n_right))


def _impurity(counts: NDArray[np.int64], criterion: str) -> Array:
    """Impurity for each row of class counts, (..., k) -> (...); 0 where nothing was counted."""
    p = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    if criterion == "gini":
        # Σ p (1 - p) equals 1 - Σ p², and is 0 for no labels too.
        return np.asarray((p * (1 - p)).sum(axis=-1))
    # p log p goes to 0 with p; taking the logarithm of 1 there yields just that. abs turns the sign, and -0.0 too.
    return np.asarray(np.abs(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=-1))


def _one_hot(y: NDArray[Any]) -> NDArray[np.int64]:
    """A 1 in the column of each label's class, (n, k)."""
    return np.asarray(y[:, None] == np.unique(y), dtype=np.int64)


def _check_criterion(criterion: str) -> None:
    if criterion not in ("gini", "entropy"):
        raise ValueError(f'criterion must be "gini" or "entropy", got {criterion!r}')


# scikit-learn's trees do the same in Cython: sort each feature of the node, walk through it once and update the class
# counts as rows change sides. They also know a least leaf size, sample weights, missing values and regression. Gradient
# boosting (LightGBM, HistGradientBoosting) bins each feature into 255 values first, after which no sorting is needed.
