"""The same pipeline, with modules imported whole and one object that keeps the fitted model."""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import preprocessor
import regressions
from sklearn.linear_model import LinearRegression, LogisticRegression

TOLERANCE = 1e-4


@dataclass
class Report:
    task: str
    n_train: int
    n_test: int
    left_out: list
    train: float
    test: float
    baseline: float
    confusion: Any
    gap: float


def same_shape(y, predicted):
    if np.shape(y) != np.shape(predicted):
        raise ValueError("the shapes differ")


def mse(y, predicted):
    same_shape(y, predicted)
    return float(np.square(np.subtract(y, predicted, dtype=float)).mean())


def accuracy(y, predicted):
    same_shape(y, predicted)
    return sum(a == b for a, b in zip(y.tolist(), predicted.tolist(), strict=True)) / len(y)


def confusion_matrix(y, predicted):
    same_shape(y, predicted)
    counts = np.zeros((2, 2), dtype=int)
    np.add.at(counts, (y.astype(int), predicted.astype(int)), 1)
    return counts


def run(path, target, task, l2=1.0, seed=0):
    data = preprocessor.prepare(path, target, seed)
    if len(data.y_test) < 1:
        raise ValueError("no rows are left for testing")
    same = data.x_train.min(axis=0) == data.x_train.max(axis=0)
    train, test = data.x_train[:, ~same], data.x_test[:, ~same]
    left_out = [data.names[j] for j in np.flatnonzero(same)]
    if task == "regression":
        w, b = regressions.normal_equation(train, data.y_train)
        ours, theirs = test @ w + b, LinearRegression().fit(train, data.y_train).predict(test)
        scores = mse(data.y_train, train @ w + b), mse(data.y_test, ours)
        baseline, confusion = mse(data.y_test, 0 * data.y_test + data.y_train.mean()), None
    elif task == "classification":
        w, b = regressions.logistic(train, data.y_train, l2)
        ours = regressions.probabilities(test, w, b)
        model = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-10, max_iter=1000)
        theirs = model.fit(train, data.y_train).predict_proba(test)[:, 1]
        answers = np.where(ours >= 0.5, 1.0, 0.0)
        scores = accuracy(data.y_train, np.where(train @ w + b >= 0, 1.0, 0.0)), accuracy(data.y_test, answers)
        usual = max(sorted(Counter(data.y_train.tolist()).items()), key=lambda pair: pair[1])[0]
        baseline, confusion = accuracy(data.y_test, np.full(len(answers), usual)), confusion_matrix(data.y_test, answers)
    else:
        raise ValueError(f"no task {task!r}")
    gap = float(max(abs(a - b) for a, b in zip(ours, theirs, strict=True)))
    return Report(task, len(train), len(test), left_out, *scores, baseline, confusion, gap)


def render(report):
    name = {"regression": "mse", "classification": "accuracy"}[report.task]
    text = f"task: {report.task}\nrows: {report.n_train} for training, {report.n_test} for testing\n"
    text += "left out: " + (", ".join(report.left_out) if report.left_out else "none") + "\n"
    text += f"{name}: {report.train:.4f} (training), {report.test:.4f} (test)\nbaseline: {report.baseline:.4f} (test)\n"
    if report.task == "classification":
        text += f"confusion: {np.asarray(report.confusion).tolist()}\n"
    word = "differs" if report.gap > TOLERANCE else "agrees"
    return text + f"scikit-learn: {word}, largest difference {report.gap:.1e}"


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--target", required=True)
    parser.add_argument("--task", default="regression")
    parser.add_argument("--l2", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    try:
        print(render(run(options.path, options.target, options.task, options.l2, options.seed)))
    except (ValueError, OSError) as error:
        sys.exit(f"{options.path}: {error}") if argv is None else print(options.path, error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
