"""Hidden test of p083_ks_drift."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_equal,
    assert_growth,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    rng,
    timing,
    unchanged,
)

work = learner("drift")


def gap(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest gap, with every value compared to every other one."""
    at_most = [[np.mean(sample <= x) for x in np.concatenate([a, b])] for sample in (a, b)]
    return float(np.max(np.abs(np.subtract(*at_most))))


def limit(lam: float) -> float:
    """Kolmogorov's limit: by the sum of the task, or by the one that needs few terms where λ is small."""
    if lam < 0.7:
        terms = [math.exp(-((k * math.pi) ** 2) / (8 * lam**2)) for k in range(1, 40, 2)] if lam > 0.01 else []
        return 1 - math.sqrt(2 * math.pi) / lam * sum(terms) if terms else 1.0
    return 2 * sum((-1) ** (k - 1) * math.exp(-2 * k**2 * lam**2) for k in range(1, 60))


def test_largest_gap() -> None:
    """1. D is the largest gap between the two step curves, whichever of them is the larger one."""
    small = [([1, 2, 3, 4], [11, 12, 13, 14]), ([11, 12], [1, 2]), ([1, 3], [2, 4]), ([2, 4], [1, 3])]
    for left, right in small:
        a, b = np.array(left, dtype=float), np.array(right, dtype=float)
        expected = gap(a, b)
        got = work.ks_statistic(a.copy(), b.copy())
        assert_close(got, expected)
        assert_type(got, float)
    for stream, (centre, width) in enumerate([(0.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (0.0, 5.0)]):
        a, b = rng(stream).normal(0.0, 1.0, 60), rng(stream + 10).normal(centre, width, 60)
        expected = gap(a, b)
        assert_close(work.ks_statistic(a.copy(), b.copy()), expected)


def test_different_sizes() -> None:
    """3. The samples may have different sizes."""
    for stream, (n, m) in enumerate([(1, 1), (1, 3), (5, 2), (40, 170), (200, 30)]):
        a, b = rng(20 + stream).normal(0.0, 1.0, n), rng(30 + stream).normal(0.3, 1.0, m)
        expected = gap(a, b)
        assert_close(work.ks_statistic(a.copy(), b.copy()), expected)


def test_p_value() -> None:
    """4. p is Kolmogorov's limit, 2 · Σ (-1)^(k-1) · exp(-2 k² λ²) with λ = D · √(n m / (n + m))."""
    for statistic, n, m in ((0.5, 4, 4), (1.0, 2, 3), (0.2, 50, 80), (0.35, 30, 1000), (0.005, 40_000, 40_000)):
        expected = limit(statistic * math.sqrt(n * m / (n + m)))
        got = work.p_value(statistic, n, m)
        assert_close(got, expected, rtol=1e-8, atol=1e-8)
        assert_type(got, float)


def test_columns_with_drift() -> None:
    """6. A column has drifted where p is below alpha."""
    reference = rng(40).normal(0.0, 1.0, (300, 4))
    current = rng(41).normal(0.0, 1.0, (200, 4)) * [1.0, 1.0, 4.0, 1.0] + [0.0, 3.0, 0.0, -3.0]
    reference[:, 0], current[:, 0] = np.arange(300), 1.5 * np.arange(200) - 20.25
    got = as_array(work.find_drift(reference.copy(), current.copy()))
    assert_shape(got, (4,))
    assert_equal(got.tolist(), [False, True, True, True])
    # alpha a tenth below and above the p of a column: n = 20, m = 20 and m = 6.
    steps = np.repeat(np.arange(20.0)[:, None], 2, axis=1)
    for moved in (steps + 5.5, steps[:6] + 9.5):
        p = limit(gap(steps[:, 0], moved[:, 0]) * math.sqrt(20 * len(moved) / (20 + len(moved))))
        for alpha, expected in ((0.9 * p, [False, False]), (1.1 * p, [True, True])):
            assert_equal(as_array(work.find_drift(steps.copy(), moved.copy(), alpha)).tolist(), expected)


edges()


def test_equal_values_jump_together() -> None:
    """2. Equal values jump together, within a sample and across both."""
    small = [([1], [1]), ([1, 1], [1]), ([1, 2], [1, 1]), ([1, 2, 2, 3], [2, 3, 4, 4]), ([5, 5, 5], [5, 6])]
    for left, right in small:
        a, b = np.array(left), np.array(right)
        expected = gap(a, b)
        assert_close(work.ks_statistic(a.copy(), b.copy()), expected)
    for stream, top in enumerate((2, 3, 10)):
        a, b = rng(50 + stream).integers(0, top, 50), rng(60 + stream).integers(0, top + 1, 70)
        expected = gap(a, b)
        assert_close(work.ks_statistic(a.copy(), b.copy()), expected)


def test_p_value_of_small_gaps() -> None:
    """4. p is right for every D from 0 to 1: for a small λ the sum needs many terms, and p of no gap is 1."""
    assert_close(work.p_value(0.0, 10, 10), 1.0)
    for statistic, n, m in ((0.001, 10, 10), (0.01, 50, 50), (0.05, 50, 50), (0.02, 1000, 1500), (1e-9, 10**6, 10**6)):
        expected = limit(statistic * math.sqrt(n * m / (n + m)))
        assert_close(work.p_value(statistic, n, m), expected, rtol=1e-8, atol=1e-8)
    for statistic, n, m in ((1.0, 10**6, 10**6), (0.9, 2000, 3000)):
        assert_close(work.p_value(statistic, n, m), 0.0, atol=1e-8)


def test_alpha_itself() -> None:
    """6. A column whose p is alpha itself has not drifted."""
    same = np.array([[1.0], [2.0]])
    assert_equal(as_array(work.find_drift(same.copy(), same.copy(), alpha=1.0)).tolist(), [False])


def test_missing_values() -> None:
    """5. NaN is left out before anything is counted; in find_drift column by column."""
    nan = math.nan
    for left, right in (([1, nan, 3], [2, 4]), ([1, 3], [nan, 2, nan, nan]), ([nan, 1.0], [1.0, nan])):
        a, b = np.array(left, dtype=float), np.array(right, dtype=float)
        expected = gap(a[~np.isnan(a)], b[~np.isnan(b)])
        assert_close(work.ks_statistic(a.copy(), b.copy()), expected)
    # Column 0: five values against five, which would be a drift if n were 100. Column 1 drifts, which the five rows
    # without NaN do not show.
    reference = np.stack([np.full(100, nan), np.arange(100.0)], axis=1)
    current = reference + np.array([0.0, 30.0])
    reference[:100:20, 0], current[:100:20, 0] = [1, 2, 3, 4, 5], [3.5, 4.5, 5.5, 6.5, 7.5]
    assert_equal(as_array(work.find_drift(reference.copy(), current.copy())).tolist(), [False, True])
    assert_equal(as_array(work.find_drift(current.copy(), reference[:80].copy())).tolist(), [False, True])


@timing
def test_time() -> None:
    """7. ks_statistic of n and n values takes time like n log n."""

    def make(n: int) -> Callable[[], object]:
        a, b = rng(70).normal(0.0, 1.0, n), rng(71).normal(0.0, 1.0, n)
        return partial(work.ks_statistic, a, b)

    assert_growth(make, small=2_000, large=64_000, at_most=130)


def test_inputs_stay_as_they_were() -> None:
    """8. The inputs are left as they were."""
    a, b = np.array([3.0, math.nan, 1.0, 2.0]), np.array([9, 7, 8])
    with unchanged(a=a, b=b):
        work.ks_statistic(a, b)
    reference, current = rng(80).normal(0.0, 1.0, (9, 2)), rng(81).normal(0.0, 1.0, (6, 2))
    reference[0, 0] = math.nan
    with unchanged(reference=reference, current=current):
        work.find_drift(reference, current)


def test_samples_without_values() -> None:
    """9. ValueError for a sample, or a column, in which no value is left."""
    nothing, some = np.full(3, math.nan), np.array([1.0, 2.0])
    for empty in (nothing, np.array([])):
        assert_raises(ValueError, work.ks_statistic, empty.copy(), some.copy())
        assert_raises(ValueError, work.ks_statistic, some.copy(), empty.copy())
    whole = np.arange(6.0).reshape(3, 2)
    holed = whole.copy()
    holed[:, 1] = math.nan
    assert_raises(ValueError, work.find_drift, whole.copy(), holed.copy())
    assert_raises(ValueError, work.find_drift, holed.copy(), whole.copy())


def test_tables_that_do_not_fit() -> None:
    """10. ValueError for tables with different numbers of columns."""
    for d in (1, 3):
        assert_raises(ValueError, work.find_drift, np.zeros((4, 2)), np.zeros((4, d)))
