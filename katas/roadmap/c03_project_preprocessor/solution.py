"""From a CSV file with missing cells to training and test arrays."""

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
    """Features (rows, features), filled and scaled by the training rows, and targets (rows,) as they were.

    names: of the features, in the order of their columns, without the target.
    """

    names: list[str]
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def load_csv(path: str | Path) -> tuple[list[str], Array]:
    """Read the names in the first line and the numbers below it: (rows, columns), NaN where a cell is missing.

    Raises ValueError with the line's number for a line of too many or too few cells or with a text, and
    ValueError for a file without names.
    """
    names: list[str] = []
    rows: list[list[float]] = []
    # utf-8-sig drops the byte-order mark that spreadsheets write; newline="" leaves line ends to the csv module.
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        for cells in reader:
            if not cells:
                continue
            if not names:
                names = cells
                continue
            if len(cells) != len(names):
                raise ValueError(f"{path}, line {reader.line_num}: {len(cells)} cells, expected {len(names)}")
            rows.append([_number(cell, f"{path}, line {reader.line_num}") for cell in cells])
    if not names:
        raise ValueError(f"{path} is empty: there is no line of names")
    # Without rows, np.array would not know the number of columns.
    return names, np.array(rows, dtype=np.float64).reshape(len(rows), len(names))


def _number(cell: str, where: str) -> float:
    if cell.lower() in MISSING:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{where}: {cell!r} is not a number") from None


def column_means(x: Array) -> Array:
    """Mean of each column, NaN left out: (columns,). A column without any number has 0.0."""
    present = ~np.isnan(x)  # (n, d)
    # nanmean would warn where nothing is present; a sum of nothing over 1 is the 0.0 that is wanted.
    totals = np.where(present, x, 0.0).sum(axis=0)
    return np.asarray(totals / np.maximum(present.sum(axis=0), 1))  # (d,)


def fill_missing(x: Array, column: int, value: float | None = None) -> Array:
    """A copy of x in which the NaN of one column are `value`, by default the column's mean."""
    # "is None", for a value of 0.0 is a value.
    stand_in = column_means(x)[column] if value is None else value
    filled = x.copy()
    filled[np.isnan(filled[:, column]), column] = stand_in
    return filled


def min_max(column: Array, low: float | None = None, high: float | None = None) -> Array:
    """Scale one feature (rows,) so that low becomes 0 and high becomes 1; by default its least and greatest number.

    NaN stays; where low equals high, numbers become 0.0.
    """
    numbers = column[~np.isnan(column)]  # (n,) or fewer
    if numbers.size == 0:
        return column.copy()
    low = float(numbers.min()) if low is None else low
    high = float(numbers.max()) if high is None else high
    if low == high:
        # The rows cannot be told apart: 0.0 for all of them, NaN stays NaN.
        return np.where(np.isnan(column), np.nan, 0.0)
    return (column - low) / (high - low)


def split(x: NDArray[Any], seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shuffle the rows and return copies of them as (train, test): rows // 5 in test, all others in train.

    The order depends on the number of rows and the seed alone.
    """
    n = len(x)
    # A generator of its own: the order is made from n and the seed, and nobody else's random numbers change.
    order = np.random.default_rng(seed).permutation(n)
    # Whole numbers only: 0.8 * n as a float falls on the wrong side of a row for some n.
    n_test = n // 5
    return x[order[n_test:]], x[order[:n_test]]  # indexing by an array copies


def prepare(path: str | Path, target: str, seed: int = 0) -> Prepared:
    """Load, split, fill and scale a file; means and ranges come from the training rows alone.

    Raises ValueError for a target that is no column, or has missing values.
    """
    names, table = load_csv(path)
    if target not in names:
        raise ValueError(f"target {target!r} is not among the columns {names}")
    at = names.index(target)
    if np.isnan(table[:, at]).any():
        raise ValueError(f"target {target!r} has missing values")
    # First of all: whatever is learned from here on must not have seen the test rows.
    train, test = split(table, seed)
    x_train, x_test = np.delete(train, at, axis=1), np.delete(test, at, axis=1)
    for j, mean in enumerate(column_means(x_train)):
        # The range before filling: the mean of three times 0.1 is not 0.1, and a constant feature would get a range.
        numbers = x_train[~np.isnan(x_train[:, j]), j]
        low, high = (numbers.min(), numbers.max()) if numbers.size else (mean, mean)
        for part in (x_train, x_test):
            part[:, j] = min_max(fill_missing(part, j, mean)[:, j], low, high)
    return Prepared(names[:at] + names[at + 1 :], x_train, train[:, at], x_test, test[:, at])


# pandas' read_csv guesses types, dates and delimiters besides, and scikit-learn keeps what it learned in objects
# (SimpleImputer, MinMaxScaler, train_test_split with stratify=y), so that the same scaling serves new data tomorrow.
