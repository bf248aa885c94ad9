"""Counts added up by np.add.at, scores by masks for each label."""

import numpy as np


def prepared(y_true, y_pred, labels):
    t, p = np.array(y_true), np.array(y_pred)
    if t.size != p.size:
        raise ValueError("y_pred and the truth differ in length")
    seen = np.union1d(t, p)
    order = seen if labels is None else np.array(labels)
    if len(set(order.tolist())) != len(order) or not set(seen.tolist()) <= set(order.tolist()):
        raise ValueError("labels must hold each label that occurs, once")
    return t, p, order


def confusion_matrix(y_true, y_pred, labels=None):
    t, p, order = prepared(y_true, y_pred, labels)
    by_value = np.argsort(order)
    rows = by_value[np.searchsorted(order, t, sorter=by_value)]
    columns = by_value[np.searchsorted(order, p, sorter=by_value)]
    matrix = np.zeros((len(order), len(order)), dtype=int)
    np.add.at(matrix, (rows, columns), 1)
    return matrix


def precision_recall_f1(y_true, y_pred, average=None, labels=None, zero_division=0.0):
    if average not in {None, "micro", "macro", "weighted"}:
        raise ValueError("unknown average")
    t, p, order = prepared(y_true, y_pred, labels)
    is_it, said_it = t[:, None] == order, p[:, None] == order
    tp = (is_it & said_it).sum(axis=0)
    fp = (~is_it & said_it).sum(axis=0)
    fn = (is_it & ~said_it).sum(axis=0)
    support = is_it.sum(axis=0)
    if average == "micro":
        tp, fp, fn = tp.sum(), fp.sum(), fn.sum()

    def over(a, b):
        a, b = np.atleast_1d(a), np.atleast_1d(b)
        return np.where(b > 0, a / np.maximum(b, 1), zero_division)

    found = [over(tp, tp + fp), over(tp, tp + fn), over(2 * tp, 2 * tp + fp + fn)]
    if average is None:
        return tuple(found)
    if average == "weighted":
        return tuple(float(s @ support / support.sum()) for s in found)
    return tuple(float(s.mean()) for s in found)
