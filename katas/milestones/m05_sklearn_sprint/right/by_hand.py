"""The same by loops: splits by permutations, folds by dealing, cross-validation written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from sklearn import datasets, ensemble, feature_selection, linear_model, neighbors, preprocessing
from sklearn.base import clone
from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class Report:
    scores: dict[str, Any]
    winner: str
    accuracy: float
    confusion: Any


def split(X, y, seed=0):
    # Rows of the classes one after the other, each class shuffled: every fourth of this line is for testing.
    draws = np.random.default_rng(seed)
    line = np.concatenate([draws.permutation(np.flatnonzero(y == label)) for label in np.unique(y)])
    is_test = np.zeros(len(y), dtype=bool)
    is_test[line[::4]] = True
    return X[~is_test], X[is_test], y[~is_test], y[is_test]


def contenders(seed=0):
    def scaled(model):
        return Pipeline([("scale", preprocessing.StandardScaler()), ("model", model)])

    return {
        "logistic": scaled(linear_model.LogisticRegression()),
        "neighbours": scaled(neighbors.KNeighborsClassifier()),
        "forest": scaled(ensemble.RandomForestClassifier(30, random_state=seed)),
    }


def folds(y, n_folds=5, seed=0):
    draws = np.random.default_rng(seed)
    fold_of = np.zeros(len(y), dtype=int)
    for label in np.unique(y):
        rows = draws.permutation(np.flatnonzero(y == label))
        if len(rows) < n_folds:
            raise ValueError(f"class {label} has only {len(rows)} rows")
        fold_of[rows] = np.arange(len(rows)) % n_folds
    return [(np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k)) for k in range(n_folds)]


def race(models, X, y, n_folds=5, seed=0):
    scores = {}
    for name, model in models.items():
        scores[name] = np.zeros(n_folds)
        for k, (train, valid) in enumerate(folds(y, n_folds, seed)):
            scores[name][k] = clone(model).fit(X[train], y[train]).score(X[valid], y[valid])
    return scores


def winner(scores):
    best = None
    for name in scores:
        if best is None or np.mean(scores[name]) > np.mean(scores[best]):
            best = name
    return best


def leak(X, y, n_columns, seed=0):
    model = contenders(seed)["logistic"]
    select = feature_selection.SelectKBest(feature_selection.f_classif, k=n_columns)
    both = Pipeline([("select", select), ("model", model)])
    columns = np.sort(np.argsort(feature_selection.f_classif(X, y)[0])[-n_columns:])
    before = race({"m": model}, X[:, columns], y, 5, seed)["m"]
    within = race({"m": both}, X, y, 5, seed)["m"]
    return np.mean(before), np.mean(within)


def evaluate(model, X_train, y_train, X_test, y_test):
    predicted = clone(model).fit(X_train, y_train).predict(X_test)
    labels = sorted(set(y_train.tolist()))
    table = [[int(np.sum((y_test == a) & (predicted == b))) for b in labels] for a in labels]
    return np.mean(predicted == y_test), np.array(table)


def sprint(seed=0):
    data = datasets.load_wine()
    X_train, X_test, y_train, y_test = split(data.data, data.target, seed)
    models = contenders(seed)
    scores = race(models, X_train, y_train, seed=seed)
    best = winner(scores)
    return Report(scores, best, *evaluate(models[best], X_train, y_train, X_test, y_test))


def draw_scores(scores):
    figure, axes = plt.subplots()
    for name in scores:
        mean = sum(scores[name]) / len(scores[name])
        axes.plot(range(1, len(scores[name]) + 1), scores[name], label=f"{name}, mean {mean:.3f}")
    plt.legend()
    return figure


def draw_confusion(table, names):
    figure, axes = plt.subplots()
    picture = axes.imshow(table, cmap="Blues")
    figure.colorbar(picture)
    for row in range(len(table)):
        for column in range(len(table)):
            axes.text(column, row, table[row][column], ha="center")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("Predicted class")
    axes.set_ylabel("True class")
    return figure
