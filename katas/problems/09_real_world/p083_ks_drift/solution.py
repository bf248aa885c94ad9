"""The two-sample test of Kolmogorov and Smirnov, and a look for drift in every column of a table."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def ks_statistic(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest gap between the step curves of two samples, (n,) and (m,); NaN is left out.

    Raises ValueError where no value is left.
    """
    a, b = np.sort(_present(a)), np.sort(_present(b))
    # The curves change only at values of the samples. side="right" counts what is at most x, so that all equal
    # values have jumped, in both samples, before the gap is looked at.
    x = np.concatenate([a, b])  # (n + m,)
    share_a = np.searchsorted(a, x, side="right") / a.size
    share_b = np.searchsorted(b, x, side="right") / b.size
    return float(np.abs(share_a - share_b).max())


def p_value(statistic: float, n: int, m: int) -> float:
    """The p-value by Kolmogorov's limit: how often equal distributions have a gap of at least statistic."""
    lam = statistic * math.sqrt(n * m / (n + m))
    if lam < 0.2:  # 1 - p is below 1e-12 there, and the sum would need ever more terms
        return 1.0
    # From 0.2 on the 30th term is below exp(-70).
    terms = [math.exp(-2 * k**2 * lam**2) for k in range(1, 31)]
    return 2 * (sum(terms[0::2]) - sum(terms[1::2]))


def find_drift(reference: NDArray[Any], current: NDArray[Any], alpha: float = 0.05) -> NDArray[np.bool_]:
    """Which columns have drifted: p is below alpha. reference: (n, d), current: (m, d). Returns (d,).

    Raises ValueError for different numbers of columns, and for a column in which no value is left.
    """
    if reference.shape[1] != current.shape[1]:
        raise ValueError(f"reference has {reference.shape[1]} columns, current has {current.shape[1]}")
    p = []
    for a, b in zip(reference.T, current.T, strict=True):
        a, b = _present(a), _present(b)  # the sizes differ from column to column
        p.append(p_value(ks_statistic(a, b), a.size, b.size))
    drifted: NDArray[np.bool_] = np.array(p) < alpha
    return drifted


def _present(sample: NDArray[Any]) -> NDArray[Any]:
    """The values that are not NaN; ValueError when there is none."""
    present: NDArray[Any] = sample[~np.isnan(sample)]
    if present.size == 0:
        raise ValueError("a sample has no values")
    return present


# scipy.stats.ks_2samp computes the exact p-value for small samples, one-sided tests, and where the gap is.
