"""Hidden test of p095_positional_encoding."""

import math

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    edges,
    learner,
    rng,
    unchanged,
)

work = learner("positions")


def by_hand(positions: range, d: int) -> NDArray[np.float64]:
    """The table, number by number."""
    wave = (math.sin, math.cos)
    rows = [[wave[j % 2](p / 10000 ** ((j - j % 2) / d)) for j in range(d)] for p in positions]
    return np.array(rows)


def test_even_columns_are_sines() -> None:
    """1. Column 2i of the row for position p is sin(p / 10000^(2i / d))."""
    for n, d in ((2, 2), (3, 4), (5, 6), (50, 16)):
        expected = by_hand(range(n), d)
        got = as_array(work.encode(n, d))
        assert_shape(got, (n, d))
        assert_close(got[:, 0::2], expected[:, 0::2], what="the even columns")


def test_odd_columns_are_cosines() -> None:
    """2. Column 2i + 1 is the cosine of the same angle as that of column 2i."""
    for n, d in ((2, 2), (3, 4), (5, 6), (50, 16)):
        expected = by_hand(range(n), d)
        got = as_array(work.encode(n, d))
        assert_shape(got, (n, d))
        assert_close(got[:, 1::2], expected[:, 1::2], what="the odd columns")


def test_every_sequence_gets_the_same_rows() -> None:
    """5. add_positions takes any number of leading axes, none too, and adds the same rows to each sequence."""
    for shape in ((2, 4), (3, 2, 4), (4, 4, 4), (2, 3, 5, 6)):
        x = rng(len(shape)).normal(0.0, 1.0, shape)
        expected = x + by_hand(range(shape[-2]), shape[-1])
        assert_close(work.add_positions(x.copy()), expected, rtol=1e-5, atol=1e-6)


def test_positions_count_from_start() -> None:
    """4. Positions count from start, any integer; by default the first row is position 0."""
    assert_close(work.encode(1, 4), [[0.0, 1.0, 0.0, 1.0]])
    for start in (1, 7, -3, 100_000):
        expected = by_hand(range(start, start + 3), 6)
        assert_close(work.encode(3, 6, start), expected)
        assert_close(work.add_positions(np.zeros((1, 3, 6)), start), expected[None])
    expected = by_hand(range(2**24, 2**24 + 2), 2)  # float32 has no 2**24 + 1
    assert_close(work.encode(2, 2, 2**24), expected)


def test_a_shift_is_a_turn() -> None:
    """8. encode(n, d, start) @ shift(d, k) equals encode(n, d, start + k), for every start and every integer k."""
    for d, k in ((2, 1), (4, 1), (6, 3), (8, -5), (6, 0), (16, 1000)):
        turn = as_array(work.shift(d, k))
        assert_shape(turn, (d, d))
        for start in (0, 1, 40):
            table, moved = by_hand(range(start, start + 3), d), by_hand(range(start + k, start + k + 3), d)
            assert_close(table @ turn, moved, what=f"encode(3, {d}, {start}) @ shift({d}, {k})", atol=1e-8)


edges()


def test_odd_widths() -> None:
    """3. With an odd d the last column is a sine without its cosine."""
    for d in (1, 3, 7):
        expected = by_hand(range(4), d)
        assert_close(work.encode(4, d), expected)
    x = rng(30).normal(0.0, 1.0, (2, 3, 5))
    expected = x + by_hand(range(3), 5)
    assert_close(work.add_positions(x.copy()), expected, rtol=1e-5, atol=1e-6)


def test_dtype_of_x() -> None:
    """6. The result of add_positions has the dtype of x."""
    for dtype, tolerance in ((np.float32, 1e-5), (np.float64, 1e-9)):
        x = rng(40).normal(0.0, 1.0, (2, 3, 4)).astype(dtype)
        expected = x + by_hand(range(3), 4)
        got = work.add_positions(x.copy())
        assert_close(got, expected, rtol=tolerance, atol=tolerance)
        assert_dtype(got, dtype)


def test_x_stays_as_it_was() -> None:
    """7. x is left as it was."""
    base = rng(50).normal(0.0, 1.0, (4, 6, 8))
    for x in (base, base[::2, :, ::-1], base.astype(np.float32)):
        with unchanged(x=x, base=base):
            work.add_positions(x)


def test_widths_that_are_refused() -> None:
    """9. ValueError for d below 1, and in shift for an odd d."""
    assert_raises(ValueError, work.encode, 3, 0)
    assert_raises(ValueError, work.encode, 3, -2)
    for d in (0, -2, 1, 5):
        assert_raises(ValueError, work.shift, d, 1)
