"""Pairs counted by a Counter, and one line for each label, in plain Python."""

from collections import Counter

import numpy as np


def ordered(y_true, y_pred, labels):
    true, predicted = list(y_true), list(y_pred)
    if len(true) != len(predicted):
        raise ValueError("two lengths")
    seen = set(true) | set(predicted)
    names = sorted(seen) if labels is None else list(labels)
    if len(set(names)) != len(names) or seen - set(names):
        raise ValueError("labels must hold every label that occurs, once")
    return Counter(zip(true, predicted)), names


def confusion_matrix(y_true, y_pred, labels=None):
    pairs, names = ordered(y_true, y_pred, labels)
    return np.array([[pairs[a, b] for b in names] for a in names])


def precision_recall_f1(y_true, y_pred, average=None, labels=None, zero_division=0.0):
    pairs, names = ordered(y_true, y_pred, labels)
    counts = []
    for name in names:
        true = sum(n for (a, _), n in pairs.items() if a == name)
        predicted = sum(n for (_, b), n in pairs.items() if b == name)
        counts.append((pairs[name, name], predicted, true))
    support = [true for _, _, true in counts]
    if average == "micro":
        counts = [tuple(map(sum, zip(*counts)))]

    def scores(tp, predicted, true):
        return [
            tp / predicted if predicted else zero_division,
            tp / true if true else zero_division,
            2 * tp / (predicted + true) if predicted + true else zero_division,
        ]

    table = [scores(*c) for c in counts]
    match average:
        case None:
            return tuple(np.array(column, float) for column in zip(*table))
        case "micro":
            return tuple(table[0])
        case "macro":
            return tuple(sum(column) / len(column) for column in zip(*table))
        case "weighted":
            total = sum(support)
            return tuple(sum(w * s for w, s in zip(support, column)) / total for column in zip(*table))
    raise ValueError(f"average={average!r}")
