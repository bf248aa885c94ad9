"""Repeats are the outer loop; rng.permuted shuffles the column in a copy of the table."""
import numpy as np
from sklearn.base import clone


def permutation_importance(model, X, y, metric, rng, n_repeats=5, greater_is_better=True):
    if n_repeats < 1:
        raise ValueError(n_repeats)
    sign = 2 * bool(greater_is_better) - 1
    result = np.zeros((X.shape[1], n_repeats))
    copied = np.array(X)
    for r in range(n_repeats):
        for j in range(X.shape[1]):
            rng.shuffle(copied[:, j])
            result[j, r] = metric(y, model.predict(copied))
            copied[:, j] = X[:, j]
    return sign * (metric(y, model.predict(X)) - result)


def drop_column_importance(model, X_train, y_train, X_test, y_test, metric, greater_is_better=True):
    sign = 1.0 if greater_is_better else -1.0
    masks = [np.ones(X_train.shape[1], bool)] + [np.arange(X_train.shape[1]) != j for j in range(X_train.shape[1])]
    values = [metric(y_test, clone(model).fit(X_train[:, m], y_train).predict(X_test[:, m])) for m in masks]
    return sign * (values[0] - np.array(values[1:]))
