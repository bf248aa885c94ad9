"""Hidden test of p006_sliding_windows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    require,
    rng,
    shorten,
    unchanged,
)

work = learner("sliding_windows")
Array = NDArray[Any]


def plain_windows(series: Array, size: int, step: int = 1) -> Array:
    """One window after the other, copied value by value."""
    rows = series.reshape(len(series), -1).tolist()
    found = [rows[start : start + size] for start in range(0, len(rows), step)]
    full = [w for w in found if len(w) == size]
    return np.array(full, dtype=series.dtype)


def plain_supervised(series: Array, size: int, horizon: int) -> tuple[Array, Array]:
    rows = series.reshape(len(series), -1).tolist()
    starts = range(len(rows) - size - horizon + 1)
    X = [rows[i : i + size] for i in starts]
    y = [rows[i + size - 1 + horizon] for i in starts]
    return np.array(X, dtype=series.dtype), np.array(y, dtype=series.dtype)


def supervised(series: Array, size: int, *horizon: int) -> tuple[Array, Array]:
    """The learner's X and y."""
    got = work.supervised(series, size, *horizon)
    assert_type(got, (tuple, list), what="supervised")
    require(len(got) == 2, f"supervised returned {len(got)} things, expected two: X and y")
    return as_array(got[0], "X"), as_array(got[1], "y")


def check_supervised(series: Array, size: int, horizon: int) -> None:
    X, y = plain_supervised(series, size, horizon)
    got_X, got_y = supervised(series.copy(), size, horizon)
    assert_close(got_X, X, what="X")
    assert_close(got_y, y, what="y")


def write_later(series: Array, call: str) -> None:
    """Write into the third step of the series, after the learner's call."""
    locked = "the series is read-only after the call, so nothing can be written into it"
    require(series.flags.writeable, locked, call=f"{call}; series[2] = -1")
    series[2] = -1.0


def test_every_full_window_in_order() -> None:
    """Each window holds `size` steps in order, and the last steps have their window too."""
    three = [[[10], [11], [12]], [[11], [12], [13]], [[12], [13], [14]]]
    assert_close(work.windows(np.array([10, 11, 12, 13, 14]), 3), three)
    for n, size in [(2, 1), (4, 4), (7, 3), (128, 7), (129, 128)]:
        series = rng(n).normal(size=n)
        assert_close(work.windows(series.copy(), size), plain_windows(series, size))


def test_several_measurements_per_step() -> None:
    """The windows of an (n, d) series have shape (m, size, d): time before measurements."""
    series = np.array([[1, 10], [2, 20], [3, 30]])
    assert_close(work.windows(series.copy(), 2), [[[1, 10], [2, 20]], [[2, 20], [3, 30]]])
    for n, d, size in [(5, 3, 3), (7, 1, 2), (127, 4, 10), (1, 2, 1), (4, 4, 2)]:
        series = rng(n).normal(size=(n, d))
        assert_close(work.windows(series.copy(), size), plain_windows(series, size))


def test_step_between_windows() -> None:
    """With step=2 every second window is left out, and the last one that fits is still there."""
    for n, size, step in [(4, 2, 2), (5, 2, 2), (7, 3, 2), (8, 3, 3), (9, 2, 4), (3, 3, 5), (129, 10, 7)]:
        series = np.arange(float(n))
        assert_close(work.windows(series.copy(), size, step), plain_windows(series, size, step))
    series = rng(3).normal(size=(11, 2))
    assert_close(work.windows(series.copy(), size=2, step=3), plain_windows(series, 2, 3))


def test_target_lies_behind_its_window() -> None:
    """y[i] is the step that comes `horizon` steps after the last step of X[i]."""
    for series, size, horizon in [(np.arange(3), 2, 1), (np.arange(5), 3, 2), (rng(5).normal(size=(9, 2)), 4, 3)]:
        _, y = plain_supervised(series, size, horizon)
        _, got = supervised(series.copy(), size, horizon)
        assert_shape(got[: len(y)], y.shape, what="y")
        assert_close(got[: len(y)], y, what="y")
    _, y = supervised(np.arange(5.0), 2)
    assert_close(y[:3], [[2], [3], [4]], what="y with the default horizon")


def test_windows_without_a_target_are_left_out() -> None:
    """X and y have one row for each window whose target lies inside the series."""
    check_supervised(np.array([10, 11, 12, 13, 14]), 3, 1)
    check_supervised(np.array([10, 11, 12, 13, 14]), 3, 2)
    for n, d, size, horizon in [(7, 2, 1, 1), (9, 3, 4, 3), (128, 2, 10, 24), (4, 1, 2, 2)]:
        check_supervised(rng(n).normal(size=(n, d)), size, horizon)


def test_windows_are_views() -> None:
    """What is written into the series later shows in the windows: nothing was copied."""
    for series in (np.arange(6.0), np.arange(12.0).reshape(6, 2)):
        before = f"series = {shorten(series)}"
        plain, stepped = as_array(work.windows(series, 3)), as_array(work.windows(series, 3, 3))
        X, _ = supervised(series, 3)
        write_later(series, f"{before}; windows(series, 3)")
        for call, got, wanted in (
            ("windows(series, 3)", plain, plain_windows(series, 3)),
            ("windows(series, 3, step=3)", stepped, plain_windows(series, 3, 3)),
            ("supervised(series, 3)", X, plain_windows(series, 3)[:-1]),
        ):
            assert_close(got, wanted, what="the window after a write", call=f"{before}; {call}; series[2] = -1")


edges()


def test_nothing_fits() -> None:
    """Where window or target reach beyond the series, m is 0: shapes (0, size, d) and (0, d), no error."""
    for series, size in [(np.arange(3), 4), (np.arange(3), 9), (np.ones((2, 5)), 3), (np.ones((0, 2)), 1)]:
        d = 1 if series.ndim == 1 else series.shape[1]
        assert_shape(work.windows(series.copy(), size), (0, size, d))
        assert_shape(work.windows(series.copy(), size, 2), (0, size, d))
        X, y = supervised(series.copy(), size)
        assert_shape(X, (0, size, d), what="X")
        assert_shape(y, (0, d), what="y")
    for size, horizon in [(5, 1), (3, 3), (3, 4), (3, 6), (2, 40)]:
        X, y = supervised(np.ones((5, 3)), size, horizon)
        assert_shape(X, (0, size, 3), what="X")
        assert_shape(y, (0, 3), what="y")


def test_dtype_is_kept() -> None:
    """Windows, X and y have the dtype of the series, with every digit of a large integer, and also where m is 0."""
    for dtype in (np.float32, np.uint8, np.float16, bool):
        series = np.array([0, 1, 1, 0], dtype=dtype)
        assert_dtype(work.windows(series.copy(), 2), dtype)
        X, y = supervised(series.copy(), 2)
        assert_dtype(X, dtype, what="X")
        assert_dtype(y, dtype, what="y")
        assert_dtype(work.windows(series.copy(), 5), dtype)
    _, y = supervised(np.array([0, 2**53 + 1]), 1)
    assert_equal(y, [[2**53 + 1]], what="y")


def test_no_memory_of_their_own() -> None:
    """Ten thousand windows of 500 steps take no memory of their own."""
    series = np.arange(10_499.0)  # as copies: 40 MB
    got = as_array(assert_memory(lambda: work.windows(series, 500), limit_mb=4))
    assert_shape(got, (10_000, 500, 1))
    X, _ = assert_memory(lambda: supervised(series, 500, 7), limit_mb=4)
    assert_shape(X, (9_993, 500, 1), what="X")


def test_series_that_is_a_view() -> None:
    """A series that is a view (every second row, columns reversed, transposed) is cut right, and not copied first."""
    base = rng(9).normal(size=(14, 6))
    for series in (base[::2], base[:, ::-1], base.T, base[::-1, 2:4], base[:, 3]):
        X, y = plain_supervised(series.copy(), 2, 2)
        assert_close(work.windows(series, 2), plain_windows(series, 2))
        got_X, got_y = supervised(series, 2, 2)
        assert_close(got_X, X, what="X")
        assert_close(got_y, y, what="y")
    for series in (np.arange(24.0).reshape(6, 4)[:, ::2], np.arange(12.0).reshape(2, 6).T, np.arange(12.0)[::2]):
        got = as_array(work.windows(series, 3))
        call = f"windows(series, 3), series with strides {series.strides}"
        write_later(series, call)
        assert_close(
            got, plain_windows(series, 3), what="the window after a write", call=f"{call}, then series[2] = -1"
        )


def test_series_stays_as_it_was() -> None:
    """Nothing is written into the series."""
    for series in (np.array([3.0, 1.0, 2.0, 5.0]), rng(12).normal(size=(8, 2))):
        with unchanged(series=series):
            work.windows(series, 2, 2)
            supervised(series, 2, 2)


def test_below_one_is_refused() -> None:
    """A size, step or horizon below 1 raises ValueError, also where nothing fits."""
    series = np.arange(5.0)
    for bad in (0, -1):
        assert_raises(ValueError, work.windows, series, bad)
        assert_raises(ValueError, work.windows, series, 2, bad)
        assert_raises(ValueError, work.supervised, series, bad)
        assert_raises(ValueError, work.supervised, series, 2, bad)
    assert_raises(ValueError, work.windows, series[:2], 3, 0)  # also where nothing fits
    assert_raises(ValueError, work.supervised, series[:2], 3, 0)
