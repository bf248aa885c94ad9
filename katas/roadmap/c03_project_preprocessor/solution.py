"""From a CSV file with holes to training and test arrays."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MISSING = {"", "?", "na", "nan"}


@dataclass(frozen=True)
class Prepared:
    """Features (rows, features), scaled by what the training rows show, and targets (rows,) as they were."""

    names: list[str]
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def load_csv(path: str | Path) -> tuple[list[str], Array]:
    """Read the names in the first line and the numbers below it: (rows, columns), NaN where a cell is missing."""
    names: list[str] = []
    rows: list[list[float]] = []
    # utf-8-sig drops the byte-order mark that spreadsheets write; newline="" leaves line ends to the csv module.
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, skipinitialspace=True)
        for cells in reader:
            if not cells or (len(cells) == 1 and not cells[0].strip()):
                # A line of one empty cell: blank, or the missing cell of a file with one column? Blank, says the task.
                continue
            if not names:
                names = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(names):
                raise ValueError(f"{path}, line {reader.line_num}: {len(cells)} cells, expected {len(names)}")
            rows.append([_number(cell, f"{path}, line {reader.line_num}") for cell in cells])
    if not names:
        raise ValueError(f"{path} is empty: there is no line of names")
    # Without rows, np.array would not know the number of columns.
    return names, np.array(rows, dtype=np.float64).reshape(len(rows), len(names))


def _number(cell: str, where: str) -> float:
    if cell.strip().lower() in MISSING:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{where}: {cell!r} is not a number") from None


def column_means(x: NDArray[Any]) -> Array:
    """Give the mean of each column, NaN left out: (columns,). A column without any number gets 0.0."""
    present = ~np.isnan(x)  # (n, d)
    # nanmean would warn where nothing is present; a sum of nothing over 1 is the 0.0 that is wanted.
    totals = np.where(present, x, 0.0).sum(axis=0)
    return np.asarray(totals / np.maximum(present.sum(axis=0), 1), dtype=np.float64)  # (d,)


def fill_missing(x: NDArray[Any], column: int, value: float | None = None) -> Array:
    """Give a copy of x in which the NaN of one column are `value`, by default the column's mean."""
    filled = np.array(x, dtype=np.float64)
    # "is None", for a value of 0.0 is a value.
    stand_in = column_means(filled)[column] if value is None else value
    filled[np.isnan(filled[:, column]), column] = stand_in
    return filled


def min_max(column: NDArray[Any], low: float | None = None, high: float | None = None) -> Array:
    """Scale one feature, (rows,), so that low becomes 0 and high becomes 1; by default its own bounds."""
    values = np.array(column, dtype=np.float64)  # (n,); float64 first, uint8 would wrap around
    numbers = values[~np.isnan(values)]
    if numbers.size == 0:
        return values
    low = float(numbers.min()) if low is None else low
    high = float(numbers.max()) if high is None else high
    if low == high:
        # Nothing to tell the rows apart by: 0.0 for all of them, NaN stays NaN.
        return np.where(np.isnan(values), np.nan, 0.0)
    return (values - low) / (high - low)


def split(x: NDArray[Any], seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shuffle the rows and give copies of them as (train, test): rows // 5 in test, all others in train."""
    n = len(x)
    # A generator of its own: the order is made from n and the seed, and nobody else's random numbers change.
    order = np.random.default_rng(seed).permutation(n)
    # Whole numbers only: 0.8 * n as a float falls on the wrong side of a row for some n.
    n_test = n // 5
    return x[order[n_test:]], x[order[:n_test]]  # indexing by an array copies


def prepare(path: str | Path, target: str, seed: int = 0) -> Prepared:
    """Load, split, fill and scale a file; means and ranges come from the training rows alone."""
    names, table = load_csv(path)
    if target not in names:
        raise ValueError(f"target {target!r} is not among the columns {names}")
    at = names.index(target)
    if np.isnan(table[:, at]).any():
        raise ValueError(f"target {target!r} has missing values")
    # First of all: whatever is learned from here on must not have seen the test rows.
    train, test = split(table, seed)
    x_train, x_test = np.delete(train, at, axis=1), np.delete(test, at, axis=1)
    means = column_means(x_train)
    for j, mean in enumerate(means):
        x_train, x_test = fill_missing(x_train, j, mean), fill_missing(x_test, j, mean)
    for j in range(len(means)):
        # Filled with the mean, the range is that of the numbers: a mean lies between them. The test rows are scaled
        # first, while the training column still shows its range.
        low, high = x_train[:, j].min(initial=np.inf), x_train[:, j].max(initial=-np.inf)
        x_test[:, j] = min_max(x_test[:, j], low, high)
        x_train[:, j] = min_max(x_train[:, j], low, high)
    return Prepared(names[:at] + names[at + 1 :], x_train, train[:, at], x_test, test[:, at])


# pandas' read_csv guesses types, dates and delimiters besides, and scikit-learn keeps what it learned in objects
# (SimpleImputer, MinMaxScaler, train_test_split with stratify=y), so that the same scaling serves new data tomorrow.
