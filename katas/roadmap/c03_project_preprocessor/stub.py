"""From a CSV file with holes to training and test arrays."""

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
    raise NotImplementedError


def column_means(x: NDArray[Any]) -> Array:
    """Give the mean of each column, NaN left out: (columns,). A column without any number gets 0.0."""
    raise NotImplementedError


def fill_missing(x: NDArray[Any], column: int, value: float | None = None) -> Array:
    """Give a copy of x in which the NaN of one column are `value`, by default the column's mean.

    Raises IndexError for a column that is not there.
    """
    raise NotImplementedError


def min_max(column: NDArray[Any], low: float | None = None, high: float | None = None) -> Array:
    """Scale one feature, (rows,), so that low becomes 0 and high becomes 1; by default its least and greatest number.

    NaN stays; where low equals high numbers become 0.0.
    """
    raise NotImplementedError


def split(x: NDArray[Any], seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shuffle the rows and give copies of them as (train, test): rows // 5 in test, all others in train.

    The order depends on the number of rows and the seed alone.
    """
    raise NotImplementedError


def prepare(path: str | Path, target: str, seed: int = 0) -> Prepared:
    """Load, split, fill and scale a file; means and ranges come from the training rows alone.

    Raises ValueError that names target when there is no such column, or it has missing values.
    """
    raise NotImplementedError
