"""Row by row where that is shorter, one column of ones for the bias, pyplot for the figures."""

import math
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from logistic_regression import sigmoid

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402


@dataclass(frozen=True)
class Model:
    kind: str
    w: Any
    b: float


def line_data(n, w, b, noise, rng):
    X = rng.standard_normal((n, len(w)))
    y = [float(row @ w) + b + noise * rng.standard_normal() for row in X]
    return X, np.array(y)


def cloud_data(n, centres, spread, rng):
    rows, labels = [], []
    for _ in range(n):
        label = int(rng.random() < 0.5)
        labels.append(label)
        rows.append([rng.normal(c, spread) for c in centres[label]])
    return np.array(rows), np.array(labels)


def fit(X, y, kind, learning_rate=0.1, n_steps=500):
    ones = np.hstack([X, np.ones((len(X), 1))])
    v = np.zeros(ones.shape[1])
    for _ in range(n_steps):
        out = ones @ v
        if kind == "logistic":
            out = sigmoid(out)
        v -= learning_rate * ((out - y)[:, None] * ones).mean(axis=0)
    return Model(kind, v[:-1], v[-1])


def predict(model, X):
    z = np.dot(X, model.w) + model.b
    return z if model.kind == "linear" else sigmoid(z)


def score(model, X, y):
    out = predict(model, X)
    if model.kind == "linear":
        return sum((out - y) ** 2) / len(y)
    hits = [int(p >= 0.5) == int(label) for p, label in zip(out, y, strict=True)]
    return sum(hits) / len(hits)


def best_model(centres, spread):
    w = (centres[1] - centres[0]) / spread**2
    middle = (centres[0] + centres[1]) / 2
    return Model("logistic", w, -float(w @ middle))


def best_accuracy(centres, spread):
    z = math.dist(centres[0], centres[1]) / 2 / spread
    return 1 - math.erfc(z / math.sqrt(2)) / 2


def trial(make, n, n_new, kind, rng):
    X, y = make(n, rng)
    X_new, y_new = make(n_new, rng)
    model = fit(X, y, kind)
    return [score(model, X, y), score(model, X_new, y_new)]


def learning_curve(make, sizes, kind, rng, n_new=1000, repeats=20):
    training, new = [], []
    for n in sizes:
        total_training = total_new = 0.0
        for _ in range(repeats):
            a, b = trial(make, n, n_new, kind, rng)
            total_training += a
            total_new += b
        training.append(total_training / repeats)
        new.append(total_new / repeats)
    return np.array(training), np.array(new)


def draw_fit(X, y, model):
    figure, axes = plt.subplots()
    plt.close(figure)
    axes.plot(x := np.linspace(min(X[:, 0]), max(X[:, 0]), 100), predict(model, x.reshape(-1, 1)), label="model")
    axes.scatter(X, y, label="data")
    axes.legend()
    return figure


def draw_learning_curve(sizes, training, new, best):
    figure, axes = plt.subplots()
    plt.close(figure)
    axes.hlines(best, min(sizes), max(sizes), label="best possible")
    axes.semilogx(sizes, new, label="new")
    axes.semilogx(sizes, training, label="training")
    axes.legend()
    return figure
