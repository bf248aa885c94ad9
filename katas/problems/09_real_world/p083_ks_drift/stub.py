"""The two-sample test of Kolmogorov and Smirnov, and a look for drift in every column of a table."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ks_statistic(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest gap between the step curves of two samples, (n,) and (m,); NaN is left out.

    Raises ValueError where no value is left.
    """
    raise NotImplementedError


def p_value(statistic: float, n: int, m: int) -> float:
    """The p-value by Kolmogorov's limit: how often equal distributions have a gap of at least statistic."""
    raise NotImplementedError


def find_drift(reference: NDArray[Any], current: NDArray[Any], alpha: float = 0.05) -> NDArray[np.bool_]:
    """Which columns have drifted: p is below alpha. reference: (n, d), current: (m, d). Returns (d,).

    Raises ValueError for different numbers of columns, and for a column in which no value is left.
    """
    raise NotImplementedError
