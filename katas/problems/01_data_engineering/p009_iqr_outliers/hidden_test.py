"""Hidden test of p009_iqr_outliers."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("iqr_filter")
Array = NDArray[Any]
nan = math.nan


def plain_quartile(values: list[float], share: float) -> float:
    """Linear interpolation between the two neighbours in sorted order; NaN for no values."""
    if not values:
        return nan
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def plain_fences(x: Array, k: float = 1.5) -> tuple[list[float], list[float]]:
    lower, upper = [], []
    for j in range(x.shape[1]):
        there = [float(v) for v in x[:, j].tolist() if v == v]
        q1, q3 = plain_quartile(there, 0.25), plain_quartile(there, 0.75)
        lower.append(q1 - k * (q3 - q1))
        upper.append(q3 + k * (q3 - q1))
    return lower, upper


def plain_inliers(x: Array, k: float = 1.5) -> Array:
    lower, upper = plain_fences(x, k)
    kept = [all(not (v < a or v > b) for v, a, b in zip(row, lower, upper, strict=True)) for row in x.tolist()]
    return np.array(kept, dtype=bool)


def check_fences(x: Array, *k: float) -> None:
    lower, upper = plain_fences(x, *k)
    got = work.fences(x.copy(), *k)
    assert_type(got, (tuple, list), what="fences")
    require(len(got) == 2, f"fences returned {len(got)} things, expected two: lower and upper")
    for name, found, expected in (("lower", got[0], lower), ("upper", got[1], upper)):
        assert_close(found, expected, what=name)
        assert_dtype(as_array(found, name), "floating", what=name)


def check_inliers(x: Array, *k: float) -> None:
    expected = plain_inliers(x, *k)
    got = as_array(work.inliers(x.copy(), *k), "inliers")
    assert_close(got, expected, what="inliers")
    assert_dtype(got, "bool", what="inliers")


def check_drop(x: Array, *k: float) -> None:
    kept = [row for row, keep in zip(x.tolist(), plain_inliers(x, *k).tolist(), strict=True) if keep]
    expected = np.array(kept, dtype=x.dtype).reshape(len(kept), x.shape[1])
    got = as_array(work.drop_outliers(x.copy(), *k), "drop_outliers")
    assert_close(got, expected, what="drop_outliers")
    assert_dtype(got, x.dtype, what="drop_outliers")


def wild(stream: int, n: int, d: int) -> Array:
    """Columns of different scales, one value in ten far away."""
    random = rng(stream)
    x = random.normal(size=(n, d))
    x[random.random((n, d)) < 0.1] *= 12
    return x * 10.0 ** np.arange(d) + 3.0


def test_fences_of_each_column() -> None:
    """Each column has its own fences, k times the IQR beyond quartiles found by linear interpolation."""
    check_fences(np.array([[1.0], [2.0], [3.0], [4.0]]))
    check_fences(np.array([[1.0, 500.0], [2.0, 100.0], [4.0, 300.0], [8.0, 0.0], [9.0, 200.0]]))
    for n, d in [(2, 1), (3, 3), (7, 2), (127, 3), (128, 1), (129, 4)]:
        check_fences(wild(n, n, d))


def test_rows_with_a_wild_value_go() -> None:
    """A row goes when any of its values is outside the fences of its column, whichever column and side it is."""
    check_inliers(np.array([[1.0], [2.0], [3.0], [99.0], [2.0]]))
    check_inliers(np.array([[1.0], [2.0], [3.0], [-99.0], [2.0]]))
    x = np.array([[1.0, 50.0], [2.0, 60.0], [3.0, 40.0], [99.0, 50.0], [2.0, -900.0], [3.0, 45.0], [1.0, 55.0]])
    check_inliers(x)
    for n, d in [(5, 2), (127, 3), (129, 5)]:
        check_inliers(wild(30 + n, n, d))


def test_missing_values_throw_nobody_out() -> None:
    """Missing values do not count for the quartiles, and a missing value never makes its row an outlier."""
    check_fences(np.array([[1.0], [2.0], [nan], [4.0]]))
    check_inliers(np.array([[1.0], [2.0], [nan], [4.0]]))
    x = np.array([[1.0, 10.0], [2.0, nan], [nan, 12.0], [3.0, 11.0], [nan, nan], [99.0, nan], [4.0, 10.0], [5.0, 70.0]])
    check_fences(x)
    check_inliers(x)
    holes = wild(40, 129, 3)
    holes[rng(41).random(holes.shape) < 0.2] = nan
    check_fences(holes)
    check_inliers(holes)


def test_kept_rows_in_their_order() -> None:
    """drop_outliers returns the kept rows as they were, dtype included, and in their order, duplicates too."""
    x = np.array([[3.0, 1.0], [1.0, 2.0], [99.0, 3.0], [3.0, 1.0], [2.0, nan], [1.0, 2.0], [-80.0, 2.0]])
    check_drop(x)
    check_drop(x.astype(np.float32))
    check_drop(np.array([[3], [1], [99], [3], [2], [1]]))


def test_judged_once() -> None:
    """All rows are judged once, by the fences of the whole x: what goes does not change the fences of the rest."""
    once = np.array([[0.0], [1.0], [2.0], [3.0], [10.0], [100.0]])  # without the 100, the 10 would go too
    check_inliers(once)
    check_drop(once)
    # Without its first row the second column would have narrower fences.
    check_inliers(np.array([[99.0, 30.0], [1.0, 20.0], [2.0, 0.0], [1.0, 0.0], [2.0, 0.0], [1.0, 0.0]]))


def test_k_sets_the_width() -> None:
    """k is 1.5 unless given; with k=0 the fences are the quartiles themselves, with k=3 they are far out."""
    x = np.array([[1.0], [2.0], [3.0], [4.0], [11.0], [6.0]])
    for k in (0, 0.5, 3.0):
        check_fences(x, k)
        check_inliers(x, k)
        check_drop(x, k)


edges()


def test_the_fences_are_inside() -> None:
    """A value exactly on a fence is kept, below and above; one just beyond is not."""
    x = np.array([[-2.0], [1.0], [2.0], [3.0], [6.0]])  # Q1 = 1, Q3 = 3, fences -2 and 6
    check_inliers(x)
    check_drop(x)
    check_inliers(np.array([[-2.0000001], [1.0], [2.0], [3.0], [6.0000001]]))
    check_inliers(np.array([[1.0], [2.0], [2.0], [3.0]]), 0)


def test_constant_columns_keep_their_rows() -> None:
    """A constant column throws nobody out, and any other value in an otherwise constant column is an outlier."""
    constant = np.full((7, 2), [0.1, -3.7])
    check_fences(constant)
    check_inliers(constant)
    check_drop(constant)
    # Small units: nothing is too near to be another value.
    check_inliers(np.array([[0.0], [0.0], [0.0], [0.0], [1e-20]]))
    almost = np.full((9, 2), 0.1)
    almost[4, 1] = 0.2
    check_inliers(almost)


def test_columns_without_values() -> None:
    """A column of nothing but NaN has NaN fences and throws nobody out."""
    for x in (np.array([[nan, 1.0], [nan, 2.0], [nan, 2.0], [nan, 90.0], [nan, 1.0]]), np.full((2, 2), nan)):
        check_fences(x)
        check_inliers(x)


def test_integers() -> None:
    """Integers of any type have the fences of the same numbers in float64, and come back with their dtype."""
    check_fences(np.array([[3], [250], [4], [5]], dtype=np.uint8))
    check_inliers(np.array([[16777217]]))  # float32 has no such number
    for dtype in (np.int64, np.uint8):
        check_inliers(np.array([[11], [12], [12], [13], [13]], dtype=dtype), 0.5)  # fences 11.5 and 13.5
    values = [[3, 10], [250, 12], [4, 11], [5, 200], [3, 0], [6, 12], [4, 10]]
    for dtype in (np.uint8, np.int64, np.int32, np.uint16):
        x = np.array(values, dtype=dtype)
        check_fences(x)
        check_inliers(x)
        check_drop(x)


def test_input_stays_as_it_was() -> None:
    """x is left as it was, and the rows that come back are a copy."""
    base = wild(60, 14, 6)
    for x in (base.copy(), base[::2, ::-1]):
        expected = plain_inliers(x)
        with unchanged(x=x, base=base):
            work.fences(x)
            got = as_array(work.inliers(x), "inliers")
            kept = as_array(work.drop_outliers(x), "drop_outliers")
        assert_close(got, expected, what="inliers")
        assert_shape(kept, (int(expected.sum()), x.shape[1]), what="drop_outliers")
    calm = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]])
    kept = as_array(work.drop_outliers(calm), "drop_outliers")
    assert_shape(kept, (3, 2), what="drop_outliers")
    require(not np.shares_memory(kept, calm), "drop_outliers returned a view of x; writing into it would change x")


def test_bad_arguments_are_refused() -> None:
    """An x that is not two-dimensional and a k below 0 or NaN raise ValueError."""
    x = np.array([[1.0], [2.0], [4.0]])
    for function in (work.fences, work.inliers, work.drop_outliers):
        for odd in (np.arange(4.0), np.zeros((2, 2, 2))):
            assert_raises(ValueError, function, odd)
        for k in (-1, nan):
            assert_raises(ValueError, function, x, k)
