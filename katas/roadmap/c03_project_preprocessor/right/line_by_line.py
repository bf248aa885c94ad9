"""Line by line with plain Python: str.splitlines, the random module, and a list of columns; `split` called twice."""

import csv
import math
import random
from collections import namedtuple
from pathlib import Path

import numpy as np

Prepared = namedtuple("Prepared", "names x_train y_train x_test y_test")


def to_number(text, line):
    if text in ("", "?") or text.upper() in ("NA", "NAN"):
        return math.nan
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"line {line}: {error}") from error


def load_csv(path):
    lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    names, rows = None, []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = [c.strip() for c in next(csv.reader([line], skipinitialspace=True))]
        if names is None:
            names = cells
        elif len(cells) != len(names):
            raise ValueError(f"line {number} is ragged")
        else:
            rows.append([to_number(c, number) for c in cells])
    if names is None:
        raise ValueError("no names")
    return names, np.array(rows, dtype=float) if rows else np.empty((0, len(names)))


def column_means(x):
    means = []
    for column in x.T:
        present = [v for v in column.tolist() if not math.isnan(v)]
        means.append(sum(present) / len(present) if present else 0.0)
    return np.array(means)


def fill_missing(x, column, value=None):
    x = np.array(x, copy=True)
    if value is None:
        value = column_means(x)[column]
    x[:, column] = np.where(np.isnan(x[:, column]), value, x[:, column])
    return x


def min_max(column, low=None, high=None):
    present = column[~np.isnan(column)]
    if len(present) == 0:
        return column.copy()
    if low is None:
        low = present.min()
    if high is None:
        high = present.max()
    if low == high:
        return column - column
    return (column - low) / (high - low)


def split(x, seed=0):
    order = list(range(len(x)))
    random.Random(seed).shuffle(order)
    n_train = len(x) - len(x) // 5
    return np.array(x[order[:n_train]]), np.array(x[order[n_train:]])


def prepare(path, target, seed=0):
    names, table = load_csv(path)
    y = table[:, names.index(target)]  # raises ValueError itself
    if np.isnan(y).any():
        raise ValueError("the target has missing values")
    keep = [j for j, name in enumerate(names) if name != target]
    (x_train, x_test), (y_train, y_test) = split(table[:, keep], seed), split(y, seed)
    train, test = [], []
    for j, mean in enumerate(column_means(x_train)):
        present = x_train[~np.isnan(x_train[:, j]), j].tolist()
        low, high = min(present, default=0.0), max(present, default=0.0)
        train.append(min_max(fill_missing(x_train, j, mean)[:, j], low, high))
        test.append(min_max(fill_missing(x_test, j, mean)[:, j], low, high))
    return Prepared([names[j] for j in keep], np.array(train).T, y_train, np.array(test).T, y_test)
