"""The seed is set in NumPy's global state, which changes everybody's random numbers."""

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
    names: list[str]
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def load_csv(path: str | Path) -> tuple[list[str], Array]:
    names: list[str] = []
    rows: list[list[float]] = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, skipinitialspace=True)
        for cells in reader:
            if not cells or (len(cells) == 1 and (not cells[0].strip())):
                continue
            if not names:
                names = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(names):
                raise ValueError(f"{path}, line {reader.line_num}: {len(cells)} cells, expected {len(names)}")
            rows.append([_number(cell, f"{path}, line {reader.line_num}") for cell in cells])
    if not names:
        raise ValueError(f"{path} is empty: there is no line of names")
    return (names, np.array(rows, dtype=np.float64).reshape(len(rows), len(names)))


def _number(cell: str, where: str) -> float:
    if cell.strip().lower() in MISSING:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{where}: {cell!r} is not a number") from None


def column_means(x: NDArray[Any]) -> Array:
    present = ~np.isnan(x)
    totals = np.where(present, x, 0.0).sum(axis=0)
    return np.asarray(totals / np.maximum(present.sum(axis=0), 1), dtype=np.float64)


def fill_missing(x: NDArray[Any], column: int, value: float | None = None) -> Array:
    filled = np.array(x, dtype=np.float64)
    stand_in = column_means(filled)[column] if value is None else value
    filled[np.isnan(filled[:, column]), column] = stand_in
    return filled


def min_max(column: NDArray[Any], low: float | None = None, high: float | None = None) -> Array:
    values = np.array(column, dtype=np.float64)
    numbers = values[~np.isnan(values)]
    if numbers.size == 0:
        return values
    low = float(numbers.min()) if low is None else low
    high = float(numbers.max()) if high is None else high
    if low == high:
        return np.where(np.isnan(values), np.nan, 0.0)
    return (values - low) / (high - low)


def split(x: NDArray[Any], seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    n = len(x)
    np.random.seed(seed)
    order = np.random.permutation(n)
    n_test = n // 5
    return (x[order[n_test:]], x[order[:n_test]])


def prepare(path: str | Path, target: str, seed: int = 0) -> Prepared:
    names, table = load_csv(path)
    if target not in names:
        raise ValueError(f"target {target!r} is not among the columns {names}")
    at = names.index(target)
    if np.isnan(table[:, at]).any():
        raise ValueError(f"target {target!r} has missing values")
    train, test = split(table, seed)
    x_train, x_test = (np.delete(train, at, axis=1), np.delete(test, at, axis=1))
    means = column_means(x_train)
    for j, mean in enumerate(means):
        x_train, x_test = (fill_missing(x_train, j, mean), fill_missing(x_test, j, mean))
    for j in range(len(means)):
        low, high = (x_train[:, j].min(initial=np.inf), x_train[:, j].max(initial=-np.inf))
        x_test[:, j] = min_max(x_test[:, j], low, high)
        x_train[:, j] = min_max(x_train[:, j], low, high)
    return Prepared(names[:at] + names[at + 1 :], x_train, train[:, at], x_test, test[:, at])
