"""From a CSV file to a saved model, its score and its figure by one call; and a notebook that tells the same."""

from __future__ import annotations

import csv
import json
import math
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import RocCurveDisplay, confusion_matrix, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

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
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    values = [[float(cell) if cell else math.nan for cell in row[:-1]] for row in rows]
    # The width is given, as a file without rows has columns, too.
    X = np.array(values, dtype=np.float64).reshape(len(rows), len(header) - 1)  # (n, d)
    return Table(header[:-1], X, np.array([row[-1] for row in rows], dtype=str))


def clean(table: Table) -> Table:
    """Return the rows that have a label, of equal rows the first, in their order."""
    # Before the split: of two equal rows one could train and the other test.
    first: dict[tuple[Any, ...], int] = {}
    for k, (row, label) in enumerate(zip(table.X.tolist(), table.y.tolist(), strict=True)):
        # NaN is not equal to NaN, but None is to None.
        first.setdefault((*(None if math.isnan(value) else value for value in row), label), k)
    return _rows(table, np.array([k for k in first.values() if table.y[k]], dtype=np.intp))


def split(table: Table, seed: int = 0) -> tuple[Table, Table]:
    """Return the training rows and the test rows: a quarter, rounded up, stratified."""
    train_rows, test_rows = train_test_split(
        np.arange(len(table.y)), test_size=0.25, stratify=table.y, random_state=seed
    )
    return _rows(table, train_rows), _rows(table, test_rows)


def _rows(table: Table, rows: Array) -> Table:
    return Table(table.names, table.X[rows], table.y[rows])


def train(table: Table) -> Pipeline:
    """Return a pipeline fitted on all rows of the table: medians for NaN, standardised, logistic regression."""
    # One object that has learned all it needs from these rows: medians, means, deviations and weights.
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())
    return model.fit(table.X, table.y)


def evaluate(model: Any, table: Table) -> dict[str, Any]:
    """Return rows, accuracy, auc, labels and confusion of a table, as plain values that json can write."""
    labels = [str(label) for label in model.classes_]
    predicted = model.predict(table.X)
    return {
        "rows": len(table.y),
        # json writes int, float and list, but no array and no np.int64.
        "accuracy": float(np.mean(predicted == table.y)),
        "auc": float(roc_auc_score(table.y == labels[1], model.predict_proba(table.X)[:, 1])),
        "labels": labels,
        "confusion": confusion_matrix(table.y, predicted, labels=labels).tolist(),
    }


def plot(model: Any, table: Table) -> Figure:
    """Draw the ROC curve of the second label."""
    figure = Figure()
    axes = figure.add_subplot()
    RocCurveDisplay.from_estimator(model, table.X, table.y, ax=axes)
    axes.set_title(f"AUC {evaluate(model, table)['auc']:.3f}")
    return figure


def run(path: str | Path, out: str | Path, seed: int = 0) -> dict[str, Any]:
    """Load, clean, split, train, evaluate and plot; return the metrics of the test rows.

    Writes model.pkl, metrics.json and roc.png into the folder `out`, which is made where it is missing.
    """
    training, testing = split(clean(load(path)), seed)
    model = train(training)
    metrics = evaluate(model, testing)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    plot(model, testing).savefig(folder / "roc.png")
    return metrics


def make_notebook(path: str | Path, seed: int = 0) -> nbformat.NotebookNode:
    """Return a notebook, not executed yet, that runs the steps on the file one after the other."""
    # An absolute path, because the notebook may be executed in another folder; repr quotes what is special in it.
    file = str(Path(path).resolve())
    sections = {
        "Load": "from end_to_end import clean, evaluate, load, plot, split, train\n\n"
        f"table = load({file!r})\nlen(table.y)",
        "Clean": "table = clean(table)\nlen(table.y)",
        "Split": f"training, testing = split(table, seed={seed})\nlen(training.y), len(testing.y)",
        "Train": "model = train(training)\nmodel",
        "Evaluate": "metrics = evaluate(model, testing)\nprint(f\"accuracy {metrics['accuracy']:.3f}\")\nmetrics",
        # A Figure that pyplot did not make is shown as text until the kernel is told to draw.
        "Plot": "%matplotlib inline\nplot(model, testing)",
    }
    v4: Any = nbformat.v4  # its functions have no types
    cells = [v4.new_markdown_cell(f"# {Path(path).name}, end to end")]
    for title, code in sections.items():
        cells += [v4.new_markdown_cell(f"## {title}"), v4.new_code_cell(code)]
    notebook: nbformat.NotebookNode = v4.new_notebook(cells=cells)
    return notebook


# papermill does this for a living: it puts parameters into a notebook, executes it by nbclient and keeps the result.
# pickle runs code when it loads, so load only your own files; skops.io stores scikit-learn's models without that risk.
