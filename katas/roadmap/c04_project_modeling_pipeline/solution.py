"""From a CSV file to a scored model: your preprocessor, your regressions, your metrics, and a program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from preprocessor import prepare
from regressions import logistic, normal_equation, probabilities

Array = NDArray[Any]
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Report:
    """What was learned from the training rows, and how it does on the test rows.

    left_out: names of features that do not vary; train, test and baseline: MSE or accuracy.
    confusion: (2, 2) of the test rows, None for a regression; gap: to scikit-learn's predictions.
    """

    task: str
    n_train: int
    n_test: int
    left_out: list[str]
    train: float
    test: float
    baseline: float
    confusion: Array | None
    gap: float


def mse(y: Array, predicted: Array) -> float:
    """Return the mean of the squared differences of two arrays (n,).

    Raises ValueError when the shapes differ.
    """
    _check(y, predicted)
    # float64 before the minus sign: in uint8, 3 - 5 is 254.
    return float(np.mean((y.astype(np.float64) - predicted) ** 2))


def accuracy(y: Array, predicted: Array) -> float:
    """Return the share of equal labels of two arrays (n,).

    Raises ValueError when the shapes differ.
    """
    _check(y, predicted)
    return float(np.mean(y == predicted))


def confusion_matrix(y: Array, predicted: Array) -> Array:
    """Count the pairs of labels 0 and 1: rows are y, columns are predicted, (2, 2) integers.

    Raises ValueError when the shapes differ.
    """
    _check(y, predicted)
    # All four pairs, also those that do not occur.
    return np.array([[np.sum((y == row) & (predicted == column)) for column in (0, 1)] for row in (0, 1)])


def _check(y: Array, predicted: Array) -> None:
    # (n,) beside (n, 1) would broadcast to n × n pairs.
    if y.shape != predicted.shape:
        raise ValueError(f"y and predicted must have one shape, got {y.shape} and {predicted.shape}")


def run(path: str | Path, target: str, task: str, l2: float = 1.0, seed: int = 0) -> Report:
    """Prepare a file, fit "regression" or "classification" on its training rows, score it, and compare it.

    Raises ValueError for another task, for fewer than 5 rows, and where a kata that is used does.
    """
    if task not in ("regression", "classification"):
        raise ValueError(f"task must be regression or classification, got {task!r}")
    data = prepare(path, target, seed)
    if len(data.y_test) == 0:
        raise ValueError(f"{path} has fewer than 5 rows: none is left for testing")
    # A feature that is the same in all training rows cannot be told from the bias: least squares would be singular.
    varies = np.ptp(data.x_train, axis=0) > 0  # (d,)
    left_out = [name for name, kept in zip(data.names, varies, strict=True) if not kept]
    x_train, y_train, x_test, y_test = data.x_train[:, varies], data.y_train, data.x_test[:, varies], data.y_test

    values: Array
    confusion = None
    if task == "regression":
        w, b = normal_equation(x_train, y_train)
        train, test = mse(y_train, x_train @ w + b), mse(y_test, x_test @ w + b)
        # A model that knows nothing of x can still know the mean; of the training rows, as ours.
        baseline = mse(y_test, np.full(len(y_test), y_train.mean()))
        values = x_test @ w + b
    else:
        w, b = logistic(x_train, y_train, l2)
        values = probabilities(x_test, w, b)
        answers = (values >= 0.5).astype(np.int64)
        train = accuracy(y_train, (probabilities(x_train, w, b) >= 0.5).astype(np.int64))
        test, confusion = accuracy(y_test, answers), confusion_matrix(y_test, answers)
        baseline = accuracy(y_test, np.full(len(y_test), float(y_train.mean() > 0.5)))
    gap = float(np.abs(values - _by_scikit_learn(x_train, y_train, x_test, task, l2)).max())
    return Report(task, len(y_train), len(y_test), left_out, train, test, baseline, confusion, gap)


def _by_scikit_learn(x_train: Array, y_train: Array, x_test: Array, task: str, l2: float) -> Array:
    # Imported here, so that --help does not wait for it.
    from sklearn.linear_model import LinearRegression, LogisticRegression

    if task == "regression":
        return np.asarray(LinearRegression().fit(x_train, y_train).predict(x_test))
    # The same penalty under another name, and a tolerance far below ours.
    model = LogisticRegression(C=1 / l2 if l2 else np.inf, tol=1e-9, max_iter=10_000)
    return np.asarray(model.fit(x_train, y_train).predict_proba(x_test)[:, 1])


def render(report: Report) -> str:
    """Return the report as text."""
    score = "mse" if report.task == "regression" else "accuracy"
    lines = [
        f"task: {report.task}",
        f"rows: {report.n_train} for training, {report.n_test} for testing",
        f"left out: {', '.join(report.left_out) or 'none'}",
        f"{score}: {report.train:.4f} (training), {report.test:.4f} (test)",
        f"baseline: {report.baseline:.4f} (test)",
    ]
    if report.confusion is not None:
        lines.append(f"confusion: {report.confusion.tolist()}")
    verdict = "agrees" if report.gap <= TOLERANCE else "differs"
    return "\n".join([*lines, f"scikit-learn: {verdict}, largest difference {report.gap:.1e}"])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    argv: the arguments; None stands for those of the command line.
    """
    parser = argparse.ArgumentParser(prog="modeling", description="Fit and score a linear model on a CSV file.")
    parser.add_argument("file", help="a CSV file with names in its first line")
    parser.add_argument("--target", required=True, metavar="NAME", help="the column to predict")
    parser.add_argument("--task", choices=["regression", "classification"], default="regression")
    parser.add_argument("--l2", type=float, default=1.0, help="penalty of the logistic regression (1.0)")
    parser.add_argument("--seed", type=int, default=0, help="of the split into training and test rows (0)")
    arguments = parser.parse_args(argv)
    try:
        report = run(arguments.file, arguments.target, arguments.task, arguments.l2, arguments.seed)
    except (OSError, ValueError) as error:
        # One line for what the user can mend; a traceback is for what the author has to.
        print(f"modeling: {arguments.file}: {error}", file=sys.stderr)
        return 1
    print(render(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())


# scikit-learn joins such steps in a Pipeline, which fits scaler and model on the training rows of each fold alone;
# cross_val_score then scores several splits, because one test set of a few dozen rows is luck in part.
