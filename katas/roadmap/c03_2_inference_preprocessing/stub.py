"""From a table with holes to a p-value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def fill_missing(table: pd.DataFrame) -> pd.DataFrame:
    """Return a new frame in which each missing number is the mean of its column; other columns stay as they are."""
    raise NotImplementedError


def min_max(x: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Return each column moved to 0 … 1.

    x: (rows, columns). NaN stays NaN and counts for nothing; a column of equal values becomes zeros.
    """
    raise NotImplementedError


def standardise(x: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Return each column moved to mean 0 and standard deviation 1 (over n).

    x: (rows, columns). NaN stays NaN and counts for nothing; a column of equal values becomes zeros.
    """
    raise NotImplementedError


def permutation_test(a: NDArray[Any], b: NDArray[Any], n_permutations: int, rng: np.random.Generator) -> float:
    """Return the two-sided p-value of the distance between two means: (count + 1) / (n_permutations + 1).

    a: (n,), b: (m,). Raises ValueError when one is empty or holds NaN.
    """
    raise NotImplementedError
