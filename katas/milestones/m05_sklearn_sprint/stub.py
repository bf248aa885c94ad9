"""Three classifiers race on the wine data: a split, cross-validation without leakage, one look at the test rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

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
    raise NotImplementedError


def contenders(seed: int = 0) -> dict[str, Any]:
    """Return three new models that are not fitted, by name: logistic, neighbours, forest."""
    raise NotImplementedError


def folds(y: Array, n_folds: int = 5, seed: int = 0) -> list[tuple[Array, Array]]:
    """Return a pair of row numbers for each fold: those to train on, those to validate on.

    Raises ValueError when a class has fewer rows than there are folds.
    """
    raise NotImplementedError


def race(models: Mapping[str, Any], X: Array, y: Array, n_folds: int = 5, seed: int = 0) -> dict[str, Array]:
    """Return the accuracies of each model, one for each fold; the models are not fitted."""
    raise NotImplementedError


def winner(scores: Mapping[str, Array]) -> str:
    """Return the name with the highest mean, the first of them on a tie."""
    raise NotImplementedError


def leak(X: Array, y: Array, n_columns: int, seed: int = 0) -> tuple[float, float]:
    """Return the mean accuracy with the columns selected before the race, and with them selected in each fold."""
    raise NotImplementedError


def evaluate(model: Any, X_train: Array, y_train: Array, X_test: Array, y_test: Array) -> tuple[float, Array]:
    """Fit a clone of the model on the training rows, and return accuracy and confusion matrix of the test rows.

    The matrix has a row for each true label and a column for each predicted one, those of y_train in sorted order.
    """
    raise NotImplementedError


def sprint(seed: int = 0) -> Report:
    """Split the wine data, race the contenders on the training rows, and evaluate the winner on the test rows."""
    raise NotImplementedError


def draw_scores(scores: Mapping[str, Array]) -> Figure:
    """Draw the accuracies of each model over the folds."""
    raise NotImplementedError


def draw_confusion(table: Array, names: Sequence[str]) -> Figure:
    """Draw a confusion matrix with its counts; names: of the classes, in the order of the rows."""
    raise NotImplementedError
