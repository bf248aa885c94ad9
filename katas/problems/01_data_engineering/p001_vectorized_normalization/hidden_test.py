"""Hidden test of p001_vectorized_normalization."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_growth,
    assert_memory,
    assert_raises,
    edges,
    learner,
    no_warnings,
    rng,
    timing,
    unchanged,
)

work = learner("normalization")


def plain_zscore(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """One column after the other, by the standard library; no column may be constant."""
    columns = []
    for column in x.T.tolist():
        mean = math.fsum(column) / len(column)
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))
        columns.append([(value - mean) / deviation for value in column])
    return np.array(columns).T


def test_each_column_is_scaled_on_its_own() -> None:
    """Each column has mean 0 and standard deviation 1, whatever the other columns hold."""
    x = np.array([[1.0, 100.0], [2.0, 300.0], [6.0, 200.0]])
    expected = plain_zscore(x)
    assert_close(work.zscore(x.copy()), expected)


def test_any_number_of_rows_and_columns() -> None:
    """Tables of any height and width come out right, square ones too, divided by n and not by n - 1."""
    for stream, shape in enumerate([(2, 1), (3, 3), (2, 7), (128, 1), (127, 2), (129, 3)]):
        scale = 10.0 ** np.arange(shape[1])
        # Rows lie well apart, so that no table is constant by chance.
        x = rng(stream).normal(3.0, 1.0, shape) * scale + 10.0 * np.arange(shape[0])[:, None]
        expected = plain_zscore(x)
        assert_close(work.zscore(x.copy()), expected, rtol=1e-6)


def test_constant_columns_become_zeros() -> None:
    """A column of equal values becomes zeros, without a warning, and leaves the other columns right."""
    x = np.array([[5.0, 1.0, 0.0], [5.0, 2.0, 0.0], [5.0, 6.0, 0.0]])
    expected = np.zeros((3, 3))
    expected[:, 1] = plain_zscore(x[:, 1:2])[:, 0]
    with no_warnings():
        assert_close(work.zscore(x.copy()), expected, atol=1e-6)


def test_constants_that_do_not_add_up_exactly() -> None:
    """A column of equal values becomes zeros even where rounding makes its deviation 1e-17 instead of 0."""
    for n in (7, 10, 127):
        x = np.full((n, 3), [0.1, 0.7, 1.3])
        for dtype in (np.float64, np.float32):
            with no_warnings():
                assert_close(work.zscore(x.astype(dtype)), np.zeros((n, 3)), atol=1e-6)


def test_integers_become_floats() -> None:
    """Integers of any type are computed in float64: the scores are floats, with every digit after the point."""
    values = [[1, 200], [2, 7], [4, 255]]
    expected = plain_zscore(np.array(values, dtype=float))
    for dtype in (np.int64, np.uint8, np.int32):
        got = as_array(work.zscore(np.array(values, dtype=dtype)))
        assert_close(got, expected)
        assert_dtype(got, "floating")


edges()


def test_a_single_row_becomes_zeros() -> None:
    """A table of one row becomes zeros, without a warning."""
    x = np.array([[3.0, -1.0, 0.1]])
    with no_warnings():
        assert_close(work.zscore(x.copy()), np.zeros((1, 3)), atol=1e-6)


def test_small_numbers_are_scaled_too() -> None:
    """Values 0.0001 apart come out with standard deviation 1, also beside a column of large numbers."""
    x = np.array([[0.0001, 1.0], [0.0002, 2.0], [0.0004, 4.0]])
    assert_close(work.zscore(x.copy()), plain_zscore(x), rtol=1e-3)
    beside = np.array([[0.0001, 100_000_000.0], [0.0002, 300_000_000.0], [0.0004, 900_000_000.0]])
    assert_close(work.zscore(beside.copy()), plain_zscore(beside), rtol=1e-3)


def test_far_from_zero() -> None:
    """A column around 1e8, with values 1 apart, keeps its digits."""
    small = np.array([[0.0, 0.0], [1.0, 4.0], [3.0, 2.0]])
    for offsets in (small, rng(20).normal(0.0, 1.0, (127, 2))):
        x = np.array([1e8, -1e8]) + offsets
        assert_close(work.zscore(x.copy()), plain_zscore(x), rtol=1e-3, atol=1e-4)


def test_computed_in_float64() -> None:
    """Large integers, float32 and float16 are computed in float64: no digit is lost, and nothing overflows."""
    for x in (
        np.array([[100_000_000], [100_000_001], [100_000_002]]),
        np.array([[1e6], [1e6 + 1], [1e6 + 3]], dtype=np.float32),
        np.array([[60000], [0], [-60000]], dtype=np.float16),
    ):
        expected = plain_zscore(x.astype(np.float64))
        with no_warnings():
            assert_close(work.zscore(x.copy()), expected, rtol=1e-3, atol=1e-4)


def test_input_stays_as_it_was() -> None:
    """x is left as it was, also where it is a view of another array."""
    base = rng(30).normal(2.0, 3.0, (14, 6))
    for x in (base.copy(), base[::2, ::-1], base.T, base[:, 1:4]):
        expected = plain_zscore(x)
        with unchanged(x=x, base=base):
            got = work.zscore(x)
        assert_close(got, expected)


def test_bad_shapes_are_refused() -> None:
    """An x that is not two-dimensional, or has no rows, raises ValueError."""
    for x in (np.array([1.0, 2.0]), np.zeros((2, 2, 2)), np.zeros((0, 3))):
        assert_raises(ValueError, work.zscore, x)


@timing
def test_cost_grows_with_the_rows() -> None:
    """Eight times the rows take about eight times the time and memory, not sixty-four times."""
    tall = rng(40).normal(size=(2000, 20))  # 0.3 MB; a table of every row against every row takes 32

    def make(n: int) -> Callable[[], object]:
        x = tall[:n].copy()
        return lambda: work.zscore(x)

    assert_close(work.zscore(np.array([[0.0], [2.0]])), [[-1.0], [1.0]])
    assert_memory(lambda: work.zscore(tall), limit_mb=24)
    assert_growth(make, 250, 2000, at_most=30)
