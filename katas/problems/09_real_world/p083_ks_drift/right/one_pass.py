"""One sort of both samples together, and running sums; the p-value by the other series for small λ."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def ks_statistic(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest gap between the step curves of two samples."""
    a, b = a[a == a], b[b == b]  # NaN is not equal to itself
    if len(a) == 0 or len(b) == 0:
        raise ValueError("nothing left in a sample")
    values = np.concatenate([a, b]).astype(np.float64)
    steps = np.concatenate([np.full(len(a), 1.0 / len(a)), np.full(len(b), -1.0 / len(b))])
    order = np.argsort(values, kind="stable")
    values, gap = values[order], np.cumsum(steps[order])
    is_last = np.append(values[1:] != values[:-1], True)  # of a run of equal values
    return float(np.abs(gap[is_last]).max())


def p_value(statistic: float, n: int, m: int) -> float:
    """Kolmogorov's limit of the p-value."""
    x = statistic / math.sqrt(1 / n + 1 / m)
    if x == 0:
        return 1.0
    if x < 1:
        k = np.arange(1, 20, 2)
        return 1.0 - math.sqrt(2 * math.pi) / x * float(np.exp(-(k**2) * math.pi**2 / (8 * x * x)).sum())
    k = np.arange(1, 20)
    terms = (-1.0) ** (k + 1) * np.exp(-2 * k**2 * x * x)
    return float(2 * terms.sum())


def find_drift(reference: NDArray[Any], current: NDArray[Any], alpha: float = 0.05) -> NDArray[np.bool_]:
    """Which columns have drifted."""
    d = reference.shape[1]
    if current.shape[1] != d:
        raise ValueError("the tables differ in their columns")
    drifted = np.zeros(d, dtype=bool)
    for j in range(d):
        n, m = (int(np.count_nonzero(~np.isnan(table[:, j]))) for table in (reference, current))
        drifted[j] = p_value(ks_statistic(reference[:, j], current[:, j]), n, m) < alpha
    return drifted
