"""The same with dictionaries and loops; the notebook is written as JSON."""

from __future__ import annotations

import csv
import json
import os
import pickle
from dataclasses import dataclass, replace
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True)
class Table:
    names: list[str]
    X: Any
    y: Any


def sample(path):
    data = load_breast_cancer()
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*data.feature_names, "diagnosis"])
        for k, row in enumerate(data.data.tolist() + data.data[:36].tolist()):
            if k < 594:
                writer.writerow([*row, "" if k > 557 and k < 569 else data.target_names[data.target[k % 569]]])


def load(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
        names = list(rows[0])
    X = np.full((len(rows), len(names) - 1), np.nan)
    for i, row in enumerate(rows):
        for j, name in enumerate(names[:-1]):
            if row[name] != "":
                X[i, j] = float(row[name])
    return Table(names[:-1], X, np.array([row[names[-1]] for row in rows], dtype=object))


def clean(table):
    seen, keep = set(), []
    for k, label in enumerate(table.y):
        key = (np.nan_to_num(table.X[k], nan=-9e99).tobytes(), label)
        if label != "" and key not in seen:
            keep.append(k)
        seen.add(key)
    return replace(table, X=table.X[keep], y=table.y[keep])


def split(table, seed=0):
    draws = np.random.default_rng(seed)
    order = np.concatenate([draws.permutation(np.flatnonzero(table.y == b)) for b in sorted(set(table.y))])
    test, train = order[::4], np.setdiff1d(order, order[::4])
    return replace(table, X=table.X[train], y=table.y[train]), replace(table, X=table.X[test], y=table.y[test])


def train(table):
    steps = [("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler()), ("model", LogisticRegression())]
    return Pipeline(steps).fit(table.X, table.y)


def evaluate(model, table):
    first, second = (str(label) for label in model.classes_)
    p = model.predict_proba(table.X)[:, 1]
    answers = model.predict(table.X)
    counts = [[int(sum((table.y == a) & (answers == b))) for b in (first, second)] for a in (first, second)]
    return {
        "accuracy": (counts[0][0] + counts[1][1]) / len(answers),
        "auc": float(metrics.roc_auc_score((table.y == second).astype(int), p)),
        "confusion": counts,
        "labels": [first, second],
        "rows": len(answers),
    }


def plot(model, table):
    figure, axes = plt.subplots()
    p = model.predict_proba(table.X)[:, 1]
    x, y, _ = metrics.roc_curve(table.y == model.classes_[1], p, drop_intermediate=False)
    axes.plot([0, 1], [0, 1], "k:")
    axes.plot(x, y)
    figure.suptitle("ROC, area " + format(evaluate(model, table)["auc"], ".3f"))
    return figure


def run(path, out, seed=0):
    a, b = split(clean(load(path)), seed)
    model = train(a)
    result = evaluate(model, b)
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "model.pkl"), "wb") as file:
        pickle.dump(model, file)
    with open(os.path.join(out, "metrics.json"), "w", encoding="utf-8") as file:
        json.dump(result, file)
    figure = plot(model, b)
    figure.savefig(os.path.join(out, "roc.png"))
    plt.close(figure)
    return result


def make_notebook(path, seed=0):
    def text(source):
        return {"cell_type": "markdown", "metadata": {}, "source": source}

    def code(*lines):
        source = "\n".join(lines)
        return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}

    cells = [
        text("# Patients\n\nWho is ill?"),
        code("import end_to_end as e"),
        text("## Load"),
        code(f"path = {os.path.abspath(path)!r}", "t = e.load(path)"),
        code("print('There are', len(t.y), 'rows.')"),
        text("## Clean\nWithout copies."),
        code("t = e.clean(t)", "t.X.shape"),
        text("Some text.\n\n## Split"),
        code(f"a, b = e.split(t, {seed})", "print(a.y.shape)", "print(b.y.shape)"),
        text("## Train"),
        code("m = e.train(a)"),
        text("## Evaluate"),
        code("e.evaluate(m, b)", "format(e.evaluate(m, b)['accuracy'], '.3f')"),
        text("## Plot"),
        code("import matplotlib.pyplot as plt", "e.plot(m, b)", "plt.show()"),
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return nbformat.reads(json.dumps(notebook), as_version=4)
