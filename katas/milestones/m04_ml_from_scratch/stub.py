"""Data whose truth is known, two regressions by one descent, and how near to the best possible they come."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from logistic_regression import sigmoid
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
Data = tuple[Array, NDArray[Any]]
Make = Callable[[int, np.random.Generator], Data]


@dataclass(frozen=True)
class Model:
    """A linear or logistic regression: kind is "linear" or "logistic", w is (d,)."""

    kind: str
    w: Array
    b: float


def line_data(n: int, w: Array, b: float, noise: float, rng: np.random.Generator) -> Data:
    """Return X (n, d), standard normal, and y (n,), which is X·w + b and normal noise of that deviation."""
    raise NotImplementedError


def cloud_data(n: int, centres: Array, spread: float, rng: np.random.Generator) -> Data:
    """Return X (n, d), two normal clouds around the rows of centres (2, d), and y (n,), the cloud of each row."""
    raise NotImplementedError


def fit(
    X: Array,
    y: NDArray[Any],
    kind: str,
    learning_rate: float = 0.1,
    n_steps: int = 500,
) -> Model:
    """Learn a linear or logistic regression from X (n, d) and y (n,) by descent from zero."""
    raise NotImplementedError


def predict(model: Model, X: Array) -> Array:
    """Return the value of a linear model, or the probability of label 1 of a logistic one, for each row: (n,)."""
    raise NotImplementedError


def score(model: Model, X: Array, y: NDArray[Any]) -> float:
    """Return the mean squared error of a linear model, or the accuracy of a logistic one."""
    raise NotImplementedError


def best_model(centres: Array, spread: float) -> Model:
    """Return the logistic model whose probabilities are the true ones for two clouds."""
    raise NotImplementedError


def best_accuracy(centres: Array, spread: float) -> float:
    """Return the accuracy of the best possible classifier on infinitely many rows of two clouds."""
    raise NotImplementedError


def trial(make: Make, n: int, n_new: int, kind: str, rng: np.random.Generator) -> tuple[float, float]:
    """Return the scores of a model on the n rows that it has learned from, and on n_new that it has not seen."""
    raise NotImplementedError


def learning_curve(
    make: Make, sizes: Sequence[int], kind: str, rng: np.random.Generator, n_new: int = 1000, repeats: int = 20
) -> tuple[Array, Array]:
    """Return the mean scores of `repeats` trials for each number of training rows, on them and on new rows."""
    raise NotImplementedError


def draw_fit(X: Array, y: NDArray[Any], model: Model) -> Figure:
    """Draw data of one feature as points, and what the model makes of that feature as a line."""
    raise NotImplementedError


def draw_learning_curve(sizes: Sequence[int], training: Array, new: Array, best: float) -> Figure:
    """Draw both scores over the number of training rows, and the best possible score as a level line."""
    raise NotImplementedError
