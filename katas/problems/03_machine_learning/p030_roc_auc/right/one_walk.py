"""Sorted once, then one walk in plain Python, with a point where the score changes."""

import math

import numpy as np


def checked(y_true, scores):
    labels, values = y_true.tolist(), scores.astype(float).tolist()
    if y_true.ndim != 1 or any(label not in (0, 1) for label in labels) or len(set(labels)) < 2:
        raise ValueError("y_true must be one axis of 0 and 1, both of them")
    if scores.shape != y_true.shape or not all(map(math.isfinite, values)):
        raise ValueError("scores must be finite and one for each label")
    return [int(label) for label in labels], values


def auc(x, y):
    x, y = np.asarray(x, dtype=float).tolist(), np.asarray(y, dtype=float).tolist()
    if len(x) < 2 or any(b < a for a, b in zip(x, x[1:])):
        raise ValueError("x must have two points or more and not fall")
    if len(y) != len(x):
        raise ValueError("y must be as long as x")
    return sum((b - a) * (c + d) / 2 for a, b, c, d in zip(x, x[1:], y, y[1:]))


def roc_auc_score(y_true, scores):
    fpr, tpr, _ = roc_curve(y_true, scores)
    return auc(fpr, tpr)


def roc_curve(y_true, scores):
    labels, values = checked(y_true, scores)
    n_ones = sum(labels)
    n_zeros = len(labels) - n_ones
    order = sorted(range(len(values)), key=lambda i: -values[i])
    fpr, tpr, thresholds = [0.0], [0.0], [math.inf]
    hits = alarms = 0
    for place, i in enumerate(order):
        if labels[i] == 1:
            hits += 1
        else:
            alarms += 1
        if place + 1 == len(order) or values[order[place + 1]] != values[i]:
            fpr.append(alarms / n_zeros)
            tpr.append(hits / n_ones)
            thresholds.append(values[i])
    return np.array(fpr), np.array(tpr), np.array(thresholds)
