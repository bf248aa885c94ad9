"""One row after the other, in plain Python, with NumPy only for the arrays that come and go."""
import math

import numpy as np


def class_weights(y, n_classes):
    check(y, n_classes)
    labels = [int(label) for label in y]
    m = len(set(labels))
    return np.array([len(labels) / (m * labels.count(k)) if k in labels else 0.0 for k in range(n_classes)])


def check(y, n_classes):
    if not all(0 <= int(label) < n_classes for label in y):
        raise ValueError("no such class")


def softmax_rows(logits):
    for row in logits.tolist():
        top = max(row)
        powers = [math.exp(score - top) for score in row]
        yield top + math.log(sum(powers)), [power / sum(powers) for power in powers]


def weighted_loss(logits, y, weights):
    check(y, logits.shape[1])
    if np.shape(weights) != (logits.shape[1],):
        raise ValueError("one weight for each class")
    total = loss = 0.0
    for i, (log_sum, _) in enumerate(softmax_rows(logits)):
        weight = float(weights[y[i]])
        total += weight
        loss += weight * (log_sum - float(logits[i, y[i]]))
    return loss / total if total else 0.0


def weighted_gradient(logits, y, weights):
    check(y, logits.shape[1])
    if np.shape(weights) != (logits.shape[1],):
        raise ValueError("one weight for each class")
    total = sum(float(weights[label]) for label in y)
    rows = []
    for i, (_, p) in enumerate(softmax_rows(logits)):
        factor = float(weights[y[i]]) / total if total else 0.0
        rows.append([factor * (share - (k == y[i])) for k, share in enumerate(p)])
    return np.array(rows)


def cheapest_class(probabilities, cost):
    answers = []
    for p in probabilities.tolist():
        expected = [sum(p[t] * float(cost[t, k]) for t in range(len(p))) for k in range(len(p))]
        answers.append(expected.index(min(expected)))
    return np.array(answers)
