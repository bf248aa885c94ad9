"""`prepare` takes the means of all columns, but counts the columns without the target: features after the target are filled with the mean of their left neighbour."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """Features (rows, features), scaled by what the training rows show, and targets (rows,) as they were."""

    names: list[str]
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def load_csv(path: str | Path) -> tuple[list[str], Array]:
    """Read the names in the first line and the numbers below it: (rows, columns), NaN where a cell is missing.

    Raises ValueError with the line's number when a line has too many or too few cells or a text, and when the
    file has no line of names.
    """
    with open(path, encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, skipinitialspace=True)
        names: list[str] | None = None
        rows: list[list[float]] = []
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if names is None:
                if not any(cells):
                    raise ValueError("line 1 holds no names")
                names = cells
                continue
            if not cells or cells == [""]:
                continue
            if len(cells) != len(names):
                raise ValueError(f"line {reader.line_num} has {len(cells)} cells, not {len(names)}")
            rows.append([_number(cell, reader.line_num) for cell in cells])
    if names is None:
        raise ValueError("the file has no line of names")
    return names, np.array(rows, dtype=np.float64).reshape(len(rows), len(names))


def _number(cell: str, line: int) -> float:
    if cell in ("", "?") or cell.lower() in ("na", "nan"):
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"line {line}: {cell!r} is no number") from None


def column_means(x: NDArray[Any]) -> Array:
    """Give the mean of each column, NaN left out: (columns,). A column without any number gets 0.0."""
    x = np.asarray(x, dtype=np.float64)
    there = ~np.isnan(x)
    sums = np.where(there, x, 0.0).sum(axis=0)
    return sums / np.maximum(there.sum(axis=0), 1)


def fill_missing(x: NDArray[Any], column: int, value: float | None = None) -> Array:
    """Give a copy of x in which the NaN of one column are `value`, by default the column's mean.

    Raises IndexError for a column that is not there.
    """
    result = np.array(x, dtype=np.float64)
    holes = np.isnan(result[:, column])
    result[holes, column] = column_means(result)[column] if value is None else value
    return result


def min_max(column: NDArray[Any], low: float | None = None, high: float | None = None) -> Array:
    """Scale one feature, (rows,), so that low becomes 0 and high becomes 1; by default its least and greatest number.

    NaN stays; where low equals high numbers become 0.0.
    """
    result = np.array(column, dtype=np.float64)
    there = ~np.isnan(result)
    numbers = result[there]
    if len(numbers) == 0:
        return result
    low = numbers.min() if low is None else low
    high = numbers.max() if high is None else high
    if low == high:
        result[there] = 0.0
    else:
        result[there] = (numbers - low) / (high - low)
    return result


def split(x: NDArray[Any], seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shuffle the rows and give copies of them as (train, test): rows // 5 in test, all others in train.

    The order depends on the number of rows and the seed alone.
    """
    order = np.random.default_rng(seed).permutation(len(x))
    n_test = len(x) // 5
    return x[order[n_test:]], x[order[:n_test]]


def prepare(path: str | Path, target: str, seed: int = 0) -> Prepared:
    """Load, split, fill and scale a file; means and ranges come from the training rows alone.

    Raises ValueError that names target when there is no such column, or it has missing values.
    """
    names, table = load_csv(path)
    if target not in names:
        raise ValueError(f"target {target!r} is not among the columns")
    place = names.index(target)
    if np.isnan(table[:, place]).any():
        raise ValueError(f"target {target!r} has missing values")
    train, test = split(table, seed)
    means = column_means(train)
    features = [j for j in range(len(names)) if j != place]
    x_train, x_test = np.empty((len(train), len(features))), np.empty((len(test), len(features)))
    for k, j in enumerate(features):
        known = fill_missing(train, j, float(means[k]))[:, j]
        other = fill_missing(test, j, float(means[k]))[:, j]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
        x_train[:, k] = min_max(known, low, high)
        x_test[:, k] = min_max(other, low, high)
    return Prepared([names[j] for j in features], x_train, train[:, place].copy(), x_test, test[:, place].copy())
