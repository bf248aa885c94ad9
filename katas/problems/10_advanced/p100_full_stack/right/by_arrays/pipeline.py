"""By scikit-learn's own measures, and joblib."""

import csv
import io
import json
import math
import random
from pathlib import Path
from urllib.request import urlopen

import joblib
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, recall_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

Row = dict[str, str]
Table = list[list[float]]
Labels = list[int]


def fetch(url: str) -> list[Row]:
    with urlopen(url) as answer:
        text = answer.read().decode("utf-8")
    return [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))]


def clean(rows: list[Row]) -> tuple[Table, Labels]:
    x: Table = []
    y: Labels = []
    seen: list[Row] = []
    for row in rows:
        if row in seen:
            continue
        seen.append(row)
        if row["label"] not in {"0", "1"}:
            continue
        values = []
        for name in row:
            if name == "label":
                continue
            try:
                value = float(row[name])
            except ValueError:
                value = math.nan
            values.append(math.nan if math.isinf(value) else value)
        x.append(values)
        y.append(int(row["label"]))
    return x, y


def split(x: Table, y: Labels, seed: int) -> tuple[Table, Labels, Table, Labels]:
    pairs = list(zip(x, y, strict=True))
    random.Random(seed).shuffle(pairs)
    k = len(pairs) - round(len(pairs) / 5)
    return [a for a, _ in pairs[:k]], [b for _, b in pairs[:k]], [a for a, _ in pairs[k:]], [b for _, b in pairs[k:]]


def train(x: Table, y: Labels) -> Pipeline:
    steps = [("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler()), ("model", LogisticRegression())]
    return Pipeline(steps).fit(x, y)


def evaluate(model: Pipeline, x: Table, y: Labels) -> dict[str, float]:
    predicted = model.predict(x)
    return {
        "accuracy": float(accuracy_score(y, predicted)),
        "recall": float(recall_score(y, predicted, zero_division=0.0)),
    }


def save(model: Pipeline, metrics: dict[str, float], folder: str | Path) -> None:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, place / "pipeline.joblib")
    with (place / "metrics.json").open("w", encoding="utf-8") as file:
        json.dump(metrics, file)


def load(folder: str | Path) -> Pipeline:
    model: Pipeline = joblib.load(Path(folder) / "pipeline.joblib")
    return model


def run(url: str, folder: str | Path, seed: int = 0) -> dict[str, float]:
    x_train, y_train, x_test, y_test = split(*clean(fetch(url)), seed)
    model = train(x_train, y_train)
    metrics = evaluate(model, x_test, y_test)
    save(model, metrics, folder)
    return metrics
