"""From a CSV file with missing cells to training and test arrays."""

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
    raise NotImplementedError


def column_means(x: Array) -> Array:
    """Mean of each column, NaN left out: (columns,). A column without any number has 0.0."""
    raise NotImplementedError


def fill_missing(x: Array, column: int, value: float | None = None) -> Array:
    """A copy of x in which the NaN of one column are `value`, by default the column's mean."""
    raise NotImplementedError


def min_max(column: Array, low: float | None = None, high: float | None = None) -> Array:
    """Scale one feature (rows,) so that low becomes 0 and high becomes 1; by default its least and greatest number.

    NaN stays; where low equals high, numbers become 0.0.
    """
    raise NotImplementedError


def split(x: NDArray[Any], seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shuffle the rows and return copies of them as (train, test): rows // 5 in test, all others in train.

    The order depends on the number of rows and the seed alone.
    """
    raise NotImplementedError


def prepare(path: str | Path, target: str, seed: int = 0) -> Prepared:
    """Load, split, fill and scale a file; means and ranges come from the training rows alone.

    Raises ValueError for a target that is no column, or has missing values.
    """
    raise NotImplementedError
