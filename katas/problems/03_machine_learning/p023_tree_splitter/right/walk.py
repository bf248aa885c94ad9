"""One walk over the sorted rows in plain Python, counts updated as rows change sides."""

import math
from collections import Counter
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    feature: int
    threshold: float
    gain: float


def measure(counts, criterion):
    n = sum(counts)
    if n == 0:
        return 0.0
    if criterion == "gini":
        return 1.0 - sum((c / n) ** 2 for c in counts)
    return -sum(c / n * math.log2(c / n) for c in counts if c)


def gini(y):
    return measure(Counter(y.tolist()).values(), "gini")


def entropy(y):
    return measure(Counter(y.tolist()).values(), "entropy")


def check(criterion):
    if criterion not in {"gini", "entropy"}:
        raise ValueError("unknown criterion")


def gain(y, goes_left, criterion="gini"):
    check(criterion)
    f = gini if criterion == "gini" else entropy
    left, right = y[goes_left], y[np.logical_not(goes_left)]
    if left.size == 0 or right.size == 0:
        return 0.0
    return f(y) - left.size / y.size * f(left) - right.size / y.size * f(right)


def best_split(X, y, criterion="gini"):
    check(criterion)
    if not np.isfinite(X).all():
        raise ValueError("X must be finite")
    if y.shape != X.shape[:1]:
        raise ValueError("y must hold one label a row")
    n = len(y)
    labels = y.tolist()
    codes = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    total = [0] * len(codes)
    for label in labels:
        total[codes[label]] += 1
    parent = measure(total, criterion)
    best = None
    for j in range(X.shape[1]):
        rows = sorted(zip(X[:, j].tolist(), labels), key=lambda pair: pair[0])
        left, right = [0] * len(total), total.copy()
        for i in range(n - 1):
            value, label = rows[i]
            left[codes[label]] += 1
            right[codes[label]] -= 1
            if rows[i + 1][0] == value:
                continue
            inside = (i + 1) / n * measure(left, criterion) + (n - i - 1) / n * measure(right, criterion)
            if parent - inside > (best.gain if best else 0.0) + 1e-12:
                best = Split(j, (value + rows[i + 1][0]) / 2, parent - inside)
    return best
