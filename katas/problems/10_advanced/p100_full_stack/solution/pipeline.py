"""A model from its address to its file: fetch, clean, split, train, evaluate, save."""

import csv
import io
import json
import math
import pickle
import random
import urllib.request
from pathlib import Path

from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

Row = dict[str, str]
Table = list[list[float]]
Labels = list[int]


def fetch(url: str) -> list[Row]:
    """Download a CSV file in UTF-8; return one dict for each row."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        # newline="": a line break inside quotes belongs to its field, and csv wants to see it as it is.
        return list(csv.DictReader(io.TextIOWrapper(answer, encoding="utf-8", newline="")))


def clean(rows: list[Row]) -> tuple[Table, Labels]:
    """Return x and y of the rows with a label of 0 or 1, each row once, NaN for missing values."""
    unique = {tuple(row.items()): row for row in rows}.values()  # a dict keeps the place where a key came first
    kept = [row for row in unique if row["label"] in ("0", "1")]
    x = [[_number(text) for name, text in row.items() if name != "label"] for row in kept]
    return x, [int(row["label"]) for row in kept]


def split(x: Table, y: Labels, seed: int) -> tuple[Table, Labels, Table, Labels]:
    """Shuffle by the seed, and return x and y of the training rows, then x and y of a fifth for testing."""
    order = list(range(len(y)))
    random.Random(seed).shuffle(order)  # a generator of its own: who else draws, or seeds, changes nothing
    n_test = round(len(y) / 5)
    test, training = order[:n_test], order[n_test:]
    return [x[i] for i in training], [y[i] for i in training], [x[i] for i in test], [y[i] for i in test]


def train(x: Table, y: Labels) -> Pipeline:
    """Fit medians, scales and a logistic regression."""
    # One pipeline: medians and scales are learned where the model learns, and used wherever it predicts.
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression()).fit(x, y)


def evaluate(model: Pipeline, x: Table, y: Labels) -> dict[str, float]:
    """Return the accuracy, and the recall of label 1."""
    # int: what NumPy counts is a NumPy number, and a file of metrics is better off with Python's.
    pairs = [(int(predicted), label) for predicted, label in zip(model.predict(x), y, strict=True)]
    hits = [predicted == 1 for predicted, label in pairs if label == 1]
    return {
        "accuracy": sum(predicted == label for predicted, label in pairs) / len(pairs),
        "recall": sum(hits) / len(hits) if hits else 0.0,
    }


def save(model: Pipeline, metrics: dict[str, float], folder: str | Path) -> None:
    """Write the model and metrics.json into the folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, "model.pickle").write_bytes(pickle.dumps(model))
    Path(folder, "metrics.json").write_text(json.dumps(metrics, indent=2), encoding="utf-8")


def load(folder: str | Path) -> Pipeline:
    """Return the model that was saved in the folder."""
    model: Pipeline = pickle.loads(Path(folder, "model.pickle").read_bytes())
    return model


def run(url: str, folder: str | Path, seed: int = 0) -> dict[str, float]:
    """Fetch, clean, split, train, evaluate and save; return the metrics of the test rows."""
    x, y = clean(fetch(url))
    x_train, y_train, x_test, y_test = split(x, y, seed)
    model = train(x_train, y_train)
    metrics = evaluate(model, x_test, y_test)
    save(model, metrics, folder)
    return metrics


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


# What a pipeline in earnest has besides: a schema of the data (pandera, pydantic), a record of which data and which
# code made which model (MLflow, DVC), and a format that can be read without running code (ONNX, skops).
