"""Plain Python: two sorted lists and a finger in each."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def ks_statistic(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest gap between the step curves of two samples."""
    left, right = (sorted(x for x in sample.tolist() if not math.isnan(x)) for sample in (a, b))
    if not left or not right:
        raise ValueError("no values")
    i = j = 0
    gap = 0.0
    while i < len(left) and j < len(right):
        x = min(left[i], right[j])
        while i < len(left) and left[i] == x:
            i += 1
        while j < len(right) and right[j] == x:
            j += 1
        gap = max(gap, abs(i / len(left) - j / len(right)))
    return gap


def p_value(statistic: float, n: int, m: int) -> float:
    """Kolmogorov's limit of the p-value."""
    exponent = -2 * statistic**2 * n * m / (n + m)
    if exponent > -1e-2:
        return 1.0
    total, k, term = 0.0, 1, 1.0
    while abs(term) > 1e-15:
        term = (1 if k % 2 else -1) * math.exp(exponent * k * k)
        total += term
        k += 1
    return 2 * total


def find_drift(reference: NDArray[Any], current: NDArray[Any], alpha: float = 0.05) -> NDArray[np.bool_]:
    """Which columns have drifted."""
    if len(reference[0]) != len(current[0]):
        raise ValueError("the tables differ in their columns")
    columns = [[column[~np.isnan(column)] for column in table.T] for table in (reference, current)]
    pairs = zip(*columns, strict=True)
    return np.array([p_value(ks_statistic(a, b), len(a), len(b)) < alpha for a, b in pairs])
