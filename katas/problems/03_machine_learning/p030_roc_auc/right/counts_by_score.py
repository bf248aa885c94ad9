"""One pass that counts the ones and zeros of each score in a dict; only the scores are sorted."""

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
    counts = {}
    for label, value in zip(labels, values):
        counts.setdefault(value, [0, 0])[label] += 1
    fpr, tpr, thresholds = [0.0], [0.0], [math.inf]
    for value in sorted(counts, reverse=True):
        zeros, ones = counts[value]
        fpr.append(fpr[-1] + zeros)
        tpr.append(tpr[-1] + ones)
        thresholds.append(value)
    return np.array(fpr) / fpr[-1], np.array(tpr) / tpr[-1], np.array(thresholds)
