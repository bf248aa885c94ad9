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
    raise NotImplementedError


def accuracy(y: Array, predicted: Array) -> float:
    """Return the share of equal labels of two arrays (n,).

    Raises ValueError when the shapes differ.
    """
    raise NotImplementedError


def confusion_matrix(y: Array, predicted: Array) -> Array:
    """Count the pairs of labels 0 and 1: rows are y, columns are predicted, (2, 2) integers.

    Raises ValueError when the shapes differ.
    """
    raise NotImplementedError


def run(path: str | Path, target: str, task: str, l2: float = 1.0, seed: int = 0) -> Report:
    """Prepare a file, fit "regression" or "classification" on its training rows, score it, and compare it.

    Raises ValueError for another task, for fewer than 5 rows, and where a kata that is used does.
    """
    raise NotImplementedError


def render(report: Report) -> str:
    """Return the report as text."""
    raise NotImplementedError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    argv: the arguments; None stands for those of the command line.
    """
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
