"""A tree kept in nested nodes and asked with masks, one search for all rows, and an SVM on one long vector."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from nearest_neighbours import KNNClassifier
from tree_splitter import best_split


@dataclass(frozen=True)
class Leaf:
    label: Any


@dataclass(frozen=True)
class Node:
    feature: int
    threshold: float
    left: Any
    right: Any


class DecisionTree:
    def __init__(self, max_depth=None, min_samples=2):
        self.max_depth = np.inf if max_depth is None else max_depth
        self.min_samples = min_samples

    def find_split(self, x, y):
        return best_split(x, y, criterion="entropy")

    def fit(self, x, y):
        def grow(rows, levels):
            own = y[rows]
            if levels <= 0 or len(rows) < self.min_samples or (own == own[0]).all():
                return Leaf(most_frequent(own))
            found = self.find_split(x[rows], own)
            if not found:
                return Leaf(most_frequent(own))
            goes_left = x[rows, found.feature] <= found.threshold
            return Node(
                found.feature, found.threshold, grow(rows[goes_left], levels - 1), grow(rows[~goes_left], levels - 1)
            )

        self.root_ = grow(np.arange(len(x)), self.max_depth)
        return self

    def predict(self, x):
        answers = [None] * len(x)

        def send(place, rows):
            if isinstance(place, Leaf):
                for row in rows:
                    answers[row] = place.label
                return
            goes_left = x[rows, place.feature] <= place.threshold
            send(place.left, rows[goes_left])
            send(place.right, rows[~goes_left])

        send(self.root_, np.arange(len(x)))
        return np.array(answers)


def most_frequent(labels):
    values = labels.tolist()
    return min(set(values), key=lambda value: (-values.count(value), value))


def rules(tree, names):
    lines = []
    waiting = [(tree.root_, "")]
    while waiting:
        place, text = waiting.pop()
        if isinstance(place, Leaf):
            lines.append(f"{text or 'always'}: {place.label}")
            continue
        start = text + " and " if text else ""
        name = names[place.feature]
        waiting.append((place.right, f"{start}{name} > {place.threshold:g}"))
        waiting.append((place.left, f"{start}{name} <= {place.threshold:g}"))
    return lines


def leave_one_out(x, y, k):
    if k < 1 or k > len(x) - 1:
        raise ValueError("k must be from 1 to n - 1")
    _, nearest = KNNClassifier(k + 1).fit(x, y).kneighbors(x)
    hits = 0
    for i, found in enumerate(nearest):
        others = [j for j in found if j != i][:k]
        hits += most_frequent(y[others]) == y[i]
    return hits / len(x)


def hinge_loss(x, y, w, b, l2=0.0):
    check(y)
    return float(np.mean(np.clip(1 - y * (x.dot(w) + b), 0, None))) + l2 * float(w @ w) / 2


def hinge_gradient(x, y, w, b, l2=0.0):
    check(y)
    inside = y * (x.dot(w) + b) < 1
    rows, labels = x[inside].astype(float), y[inside].astype(float)
    return l2 * w - labels @ rows / len(x), -labels.sum() / len(x)


def fit_svm(x, y, l2=0.01, learning_rate=1.0, n_steps=1000):
    check(y)
    w, b = np.zeros(x.shape[1]), 0.0
    places = [(w, b)]
    for step in range(n_steps):
        grad_w, grad_b = hinge_gradient(x, y, w, b, l2)
        w = w - learning_rate * (step + 1) ** -0.5 * grad_w
        b = b - learning_rate * (step + 1) ** -0.5 * grad_b
        places.append((w, b))
    return min(places, key=lambda place: hinge_loss(x, y, *place, l2))


def check(y):
    if set(np.unique(y).tolist()) - {-1, 1}:
        raise ValueError("y must hold -1 and 1")
