"""From a CSV file to a saved model, its score and its figure by one call; and a notebook that tells the same."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import Pipeline

Array = NDArray[Any]


@dataclass(frozen=True)
class Table:
    """names: of the d features; X: (n, d) floats, NaN where unknown; y: (n,) texts, "" where unknown."""

    names: list[str]
    X: Array
    y: Array


def sample(path: str | Path) -> None:
    """Write scikit-learn's breast cancer data as a CSV file, and spoil it: empty cells, equal rows, lost labels."""
    data, draws = load_breast_cancer(), np.random.default_rng(0)
    rows = [
        ["" if draws.random() < 0.03 else repr(float(value)) for value in row]
        + ["" if draws.random() < 0.02 else str(data.target_names[label])]
        for row, label in zip(data.data, data.target, strict=True)
    ]
    rows += [rows[k] for k in draws.integers(0, len(rows), 25)]
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*data.feature_names, "diagnosis"], *rows])


def load(path: str | Path) -> Table:
    """Read a CSV file: names in the first line, the label in the last column; an empty cell is unknown."""
    raise NotImplementedError


def clean(table: Table) -> Table:
    """Return the rows that have a label, of equal rows the first, in their order."""
    raise NotImplementedError


def split(table: Table, seed: int = 0) -> tuple[Table, Table]:
    """Return the training rows and the test rows: a quarter, rounded up, stratified."""
    raise NotImplementedError


def train(table: Table) -> Pipeline:
    """Return a pipeline fitted on all rows of the table: medians for NaN, standardised, logistic regression."""
    raise NotImplementedError


def evaluate(model: Any, table: Table) -> dict[str, Any]:
    """Return rows, accuracy, auc, labels and confusion of a table, as plain values that json can write."""
    raise NotImplementedError


def plot(model: Any, table: Table) -> Figure:
    """Draw the ROC curve of the second label."""
    raise NotImplementedError


def run(path: str | Path, out: str | Path, seed: int = 0) -> dict[str, Any]:
    """Load, clean, split, train, evaluate and plot; return the metrics of the test rows.

    Writes model.pkl, metrics.json and roc.png into the folder `out`, which is made where it is missing.
    """
    raise NotImplementedError


def make_notebook(path: str | Path, seed: int = 0) -> nbformat.NotebookNode:
    """Return a notebook, not executed yet, that runs the steps on the file one after the other."""
    raise NotImplementedError
