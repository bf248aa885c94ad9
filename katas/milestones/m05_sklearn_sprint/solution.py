"""Three classifiers race on the wine data: a split, cross-validation without leakage, one look at the test rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, confusion_matrix
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Array = NDArray[Any]


@dataclass(frozen=True)
class Report:
    """What a sprint found.

    scores: name -> accuracy of each fold. winner: a name. accuracy, confusion: of the winner on the test rows.
    """

    scores: dict[str, Array]
    winner: str
    accuracy: float
    confusion: Array


def split(X: Array, y: Array, seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """Return X_train, X_test, y_train, y_test: a quarter of the rows for testing, stratified."""
    # Stratified: of a rare class, pure chance may leave no row for one of the two parts.
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    return X_train, X_test, y_train, y_test


def contenders(seed: int = 0) -> dict[str, Any]:
    """Return three new models that are not fitted, by name: logistic, neighbours, forest."""
    return {
        # Penalty and distance depend on the units of the columns. In a pipeline the scaler is part of the model:
        # it learns from just the rows that the classifier learns from.
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "neighbours": make_pipeline(StandardScaler(), KNeighborsClassifier()),
        # A tree compares a column with a threshold: units do not matter. Its rows and columns are drawn, by the seed.
        "forest": RandomForestClassifier(n_estimators=30, random_state=seed),
    }


def folds(y: Array, n_folds: int = 5, seed: int = 0) -> list[tuple[Array, Array]]:
    """Return a pair of row numbers for each fold: those to train on, those to validate on.

    Raises ValueError when a class has fewer rows than there are folds.
    """
    labels, counts = np.unique(y, return_counts=True)
    if counts.min() < n_folds:
        # scikit-learn only warns, and some folds lack the class.
        raise ValueError(f"class {labels[counts.argmin()]} has {counts.min()} rows, fewer than {n_folds} folds")
    # Shuffled, as rows of a file are often sorted. A list, because a generator would serve one model only.
    return list(StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(y, y))


def race(models: Mapping[str, Any], X: Array, y: Array, n_folds: int = 5, seed: int = 0) -> dict[str, Array]:
    """Return the accuracies of each model, one for each fold; the models are not fitted."""
    # The same folds for all, so that a hard fold is hard for everybody. cross_val_score fits a clone for each.
    cv = folds(y, n_folds, seed)
    return {name: cross_val_score(model, X, y, cv=cv) for name, model in models.items()}


def winner(scores: Mapping[str, Array]) -> str:
    """Return the name with the highest mean, the first of them on a tie."""
    return max(scores, key=lambda name: float(np.mean(scores[name])))


def leak(X: Array, y: Array, n_columns: int, seed: int = 0) -> tuple[float, float]:
    """Return the mean accuracy with the columns selected before the race, and with them selected in each fold."""
    logistic = contenders(seed)["logistic"]
    # Selected on all rows, so by the labels of the validation rows too: the exam questions have been seen.
    selected = SelectKBest(f_classif, k=n_columns).fit_transform(X, y)  # (n, n_columns)
    outside = race({"logistic": logistic}, selected, y, seed=seed)
    inside = race({"logistic": make_pipeline(SelectKBest(f_classif, k=n_columns), logistic)}, X, y, seed=seed)
    return float(outside["logistic"].mean()), float(inside["logistic"].mean())


def evaluate(model: Any, X_train: Array, y_train: Array, X_test: Array, y_test: Array) -> tuple[float, Array]:
    """Fit a clone of the model on the training rows, and return accuracy and confusion matrix of the test rows.

    The matrix has a row for each true label and a column for each predicted one, those of y_train in sorted order.
    """
    predicted = clone(model).fit(X_train, y_train).predict(X_test)
    # Without `labels`, a class that is absent from the test rows has no row, and all others move.
    table = confusion_matrix(y_test, predicted, labels=np.unique(y_train))
    return float(accuracy_score(y_test, predicted)), table


def sprint(seed: int = 0) -> Report:
    """Split the wine data, race the contenders on the training rows, and evaluate the winner on the test rows."""
    X, y = load_wine(return_X_y=True)  # (178, 13): three cultivars, thirteen measurements
    X_train, X_test, y_train, y_test = split(X, y, seed)
    scores = race(contenders(seed), X_train, y_train, seed=seed)
    name = winner(scores)
    # Only now are the test rows looked at, by one model: the best of three scores on them would flatter.
    accuracy, confusion = evaluate(contenders(seed)[name], X_train, y_train, X_test, y_test)
    return Report(scores, name, accuracy, confusion)


def draw_scores(scores: Mapping[str, Array]) -> Figure:
    """Draw the accuracies of each model over the folds."""
    figure = Figure()
    axes = figure.add_subplot()
    for name, of_folds in scores.items():
        axes.plot(np.arange(1, len(of_folds) + 1), of_folds, marker="o", label=f"{name}: {np.mean(of_folds):.3f}")
    axes.set(xlabel="fold", ylabel="accuracy")
    axes.legend()
    return figure


def draw_confusion(table: Array, names: Sequence[str]) -> Figure:
    """Draw a confusion matrix with its counts; names: of the classes, in the order of the rows."""
    figure = Figure()
    axes = figure.add_subplot()
    ConfusionMatrixDisplay(table, display_labels=names).plot(ax=axes, colorbar=False)
    axes.set(xlabel="predicted", ylabel="true")
    return figure


# scikit-learn goes on from here: GridSearchCV tries settings in the same way, and then its best score is a choice among
# many, hence too good; nested cross-validation (cross_val_score of a GridSearchCV) measures what remains of it.
# GroupKFold and TimeSeriesSplit keep rows of one patient, or of the future, from leaking into the training rows.
