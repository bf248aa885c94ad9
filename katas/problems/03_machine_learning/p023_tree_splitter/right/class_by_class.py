"""Left counts of all thresholds by one searchsorted for each class."""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    feature: int
    threshold: float
    gain: float


def gini_of(table):
    total = table.sum(axis=-1)
    return 1 - ((table / total[..., None]) ** 2).sum(axis=-1)


def entropy_of(table):
    p = table / table.sum(axis=-1)[..., None]
    logs = np.log2(p, out=np.zeros_like(p), where=p > 0)
    return -(p * logs).sum(axis=-1)


IMPURITY = {"gini": gini_of, "entropy": entropy_of}


def counts(y):
    return np.unique(y, return_counts=True)[1]


def gini(y):
    return gini_of(counts(y)) if len(y) else 0.0


def entropy(y):
    return entropy_of(counts(y)) if len(y) else 0.0


def gain(y, goes_left, criterion="gini"):
    if criterion not in IMPURITY:
        raise ValueError(criterion)
    share = goes_left.mean()
    if share in (0, 1):
        return 0
    f = IMPURITY[criterion]
    return f(counts(y)) - share * f(counts(y[goes_left])) - (1 - share) * f(counts(y[~goes_left]))


def best_split(X, y, criterion="gini"):
    if criterion not in IMPURITY:
        raise ValueError(criterion)
    X = np.array(X, dtype=float)
    if not np.isfinite(X).all() or len(X) != len(y):
        raise ValueError("bad X, or y of another length")
    f, best = IMPURITY[criterion], Split(0, 0.0, 1e-12)
    for j, column in enumerate(X.T):
        values = np.unique(column)
        if len(values) < 2:
            continue
        thresholds = values[:-1] + np.diff(values) / 2
        by_class = [np.sort(column[y == label]) for label in np.unique(y)]
        left = np.stack([np.searchsorted(rows, thresholds, side="right") for rows in by_class], axis=1)
        right = counts(y) - left
        share = left.sum(axis=1) / len(y)
        gains = f(counts(y)) - share * f(left) - (1 - share) * f(right)
        at = np.flatnonzero(gains > gains.max() - 1e-12)[0]
        if gains[at] > best.gain + 1e-12:
            best = Split(j, thresholds[at], gains[at])
    return best if best.gain > 1e-12 else None
