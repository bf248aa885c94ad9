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
    X = rng.normal(size=(n, len(w)))
    return X, X @ w + b + rng.normal(0.0, noise, n)


def cloud_data(n: int, centres: Array, spread: float, rng: np.random.Generator) -> Data:
    """Return X (n, d), two normal clouds around the rows of centres (2, d), and y (n,), the cloud of each row."""
    # A toss for each row: the number of ones varies, as it does in data that somebody else has collected.
    y = rng.integers(0, 2, n)
    # Picking by y repeats each centre for the rows of its cloud.
    return centres[y] + rng.normal(0.0, spread, (n, centres.shape[1])), y


def fit(
    X: Array,
    y: NDArray[Any],
    kind: str,
    learning_rate: float = 0.1,
    n_steps: int = 500,
) -> Model:
    """Learn a linear or logistic regression from X (n, d) and y (n,) by descent from zero."""
    model = Model(kind, np.zeros(X.shape[1]), 0.0)
    for _ in range(n_steps):
        # Half the squared error of a line and the log-loss of a probability have the same slope: what came out
        # minus what should have come out. The kind is hidden in `predict`, and nothing else of the loop knows it.
        error = predict(model, X) - y  # (n,)
        w = model.w - learning_rate * (X.T @ error) / len(X)
        model = Model(kind, w, model.b - learning_rate * float(error.mean()))
    return model


def predict(model: Model, X: Array) -> Array:
    """Return the value of a linear model, or the probability of label 1 of a logistic one, for each row: (n,)."""
    z: Array = X @ model.w + model.b  # (n,)
    return sigmoid(z) if model.kind == "logistic" else z


def score(model: Model, X: Array, y: NDArray[Any]) -> float:
    """Return the mean squared error of a linear model, or the accuracy of a logistic one."""
    predicted = predict(model, X)
    if model.kind == "linear":
        return float(np.mean((predicted - y) ** 2))
    return float(np.mean((predicted >= 0.5) == y))


def best_model(centres: Array, spread: float) -> Model:
    """Return the logistic model whose probabilities are the true ones for two clouds."""
    # The log-odds of the two densities, (|x - c0|² - |x - c1|²) / 2s². The squares of x cancel, so they are a line
    # in x: logistic regression is the right model here, not an approximation.
    c0, c1 = centres
    return Model("logistic", (c1 - c0) / spread**2, float(c0 @ c0 - c1 @ c1) / (2 * spread**2))


def best_accuracy(centres: Array, spread: float) -> float:
    """Return the accuracy of the best possible classifier on infinitely many rows of two clouds."""
    # It cuts halfway. Each cloud is right up to half the distance, in deviations; across that direction it does not
    # matter where a row lies.
    deviations = float(np.linalg.norm(centres[1] - centres[0])) / 2 / spread
    return (1 + math.erf(deviations / math.sqrt(2))) / 2


def trial(make: Make, n: int, n_new: int, kind: str, rng: np.random.Generator) -> tuple[float, float]:
    """Return the scores of a model on the n rows that it has learned from, and on n_new that it has not seen."""
    X, y = make(n, rng)
    model = fit(X, y, kind)
    # From the same generator, which never returns to where it was: no row comes twice.
    return score(model, X, y), score(model, *make(n_new, rng))


def learning_curve(
    make: Make, sizes: Sequence[int], kind: str, rng: np.random.Generator, n_new: int = 1000, repeats: int = 20
) -> tuple[Array, Array]:
    """Return the mean scores of `repeats` trials for each number of training rows, on them and on new rows."""
    # One trial with five rows is mostly luck; the mean of many shows what five rows are worth.
    scores = [[trial(make, n, n_new, kind, rng) for _ in range(repeats)] for n in sizes]
    training, new = np.array(scores).mean(axis=1).T  # (sizes, repeats, 2) -> (2, sizes)
    return training, new


def draw_fit(X: Array, y: NDArray[Any], model: Model) -> Figure:
    """Draw data of one feature as points, and what the model makes of that feature as a line."""
    figure = Figure()
    axes = figure.add_subplot()
    axes.scatter(X[:, 0], y, s=12, alpha=0.5, label="data")
    # Not at the rows themselves: these are in no order, and a line through them would run to and fro.
    x = np.linspace(X.min(), X.max(), 200)
    axes.plot(x, predict(model, x[:, np.newaxis]), color="tab:red", label="model")
    axes.set(xlabel="x", ylabel="y" if model.kind == "linear" else "probability of 1", title=f"{model.kind} regression")
    axes.legend()
    return figure


def draw_learning_curve(sizes: Sequence[int], training: Array, new: Array, best: float) -> Figure:
    """Draw both scores over the number of training rows, and the best possible score as a level line."""
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot(sizes, training, marker="o", label="training")
    axes.plot(sizes, new, marker="o", label="new")
    axes.axhline(best, color="black", linestyle="--", label="best possible")
    axes.set(xscale="log", xlabel="training rows", ylabel="score")
    axes.legend()
    return figure


# scikit-learn solves the linear case at once and walks the logistic one by curvature. `sklearn.datasets` has
# make_regression and make_blobs, and `sklearn.model_selection.learning_curve` cuts its sizes out of one data set by
# cross-validation: with data that somebody else has collected there are no new rows, and nobody knows the dashed line.
