"""Shuffles row numbers by argsort of random keys and puts the columns together again; drops by np.delete."""
import copy

import numpy as np
from sklearn.base import clone


def permutation_importance(model, X, y, metric, rng, n_repeats=5, greater_is_better=True):
    if n_repeats <= 0:
        raise ValueError("n_repeats")
    sign = 1 if greater_is_better else -1
    baseline = metric(y, model.predict(X))
    rows = []
    for j in range(X.shape[1]):
        row = []
        for _ in range(n_repeats):
            order = np.argsort(rng.random(len(X)))
            table = np.concatenate([X[:, :j], X[order, j : j + 1], X[:, j + 1 :]], axis=1)
            row.append(sign * (baseline - metric(y, model.predict(table))))
        rows.append(row)
    return np.array(rows)


def drop_column_importance(model, X_train, y_train, X_test, y_test, metric, greater_is_better=True):
    model = clone(model)
    full = copy.deepcopy(model)
    full.fit(X_train, y_train)
    baseline = metric(y_test, full.predict(X_test))
    found = []
    for j in range(X_train.shape[1]):
        part = copy.deepcopy(model)
        part.fit(np.delete(X_train, j, axis=1), y_train)
        value = metric(y_test, part.predict(np.delete(X_test, j, axis=1)))
        found.append(baseline - value if greater_is_better else value - baseline)
    return np.array(found)
