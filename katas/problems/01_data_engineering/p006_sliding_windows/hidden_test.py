"""Hidden test of p006_sliding_windows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_memory,
    assert_raises,
    assert_shape,
    assert_type,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("sliding_windows")
Array = NDArray[Any]


def plain_windows(series: Array, size: int, step: int = 1) -> Array:
    """One window after the other, copied value by value."""
    rows = series.reshape(len(series), -1).tolist()
    found = [rows[start : start + size] for start in range(0, len(rows), step)]
    full = [w for w in found if len(w) == size]
    d = 1 if series.ndim == 1 else series.shape[1]
    return np.array(full, dtype=series.dtype).reshape(len(full), size, d)


def plain_supervised(series: Array, size: int, horizon: int) -> tuple[Array, Array]:
    rows = series.reshape(len(series), -1).tolist()
    d = 1 if series.ndim == 1 else series.shape[1]
    X, y = [], []
    for start in range(len(rows)):
        target = start + size - 1 + horizon
        if target < len(rows):
            X.append(rows[start : start + size])
            y.append(rows[target])
    dtype = series.dtype
    return np.array(X, dtype=dtype).reshape(len(X), size, d), np.array(y, dtype=dtype).reshape(len(y), d)


def as_pair(got: Any) -> tuple[Any, Any]:
    """What supervised gave, as X and y."""
    assert_type(got, (tuple, list), what="supervised")
    require(len(got) == 2, f"supervised gave {len(got)} things, expected two: X and y")
    return as_array(got[0], "X"), as_array(got[1], "y")


def check_supervised(series: Array, size: int, horizon: int) -> None:
    X, y = plain_supervised(series, size, horizon)
    got_X, got_y = as_pair(work.supervised(series.copy(), size, horizon))
    assert_close(got_X, X, what="X")
    assert_close(got_y, y, what="y")


def test_every_full_window_in_order() -> None:
    """Each window holds `size` steps in order, and the newest steps have their window too."""
    three = [[[10], [11], [12]], [[11], [12], [13]], [[12], [13], [14]]]
    assert_close(work.windows(np.array([10, 11, 12, 13, 14]), 3), three)
    for n, size in [(2, 1), (4, 4), (7, 3), (128, 7), (129, 128)]:
        series = rng(n).normal(size=n)
        assert_close(work.windows(series.copy(), size), plain_windows(series, size))


def test_several_measurements_per_step() -> None:
    """A series of shape (n, d) gives windows of shape (m, size, d): time before measurements."""
    series = np.array([[1, 10], [2, 20], [3, 30]])
    assert_close(work.windows(series.copy(), 2), [[[1, 10], [2, 20]], [[2, 20], [3, 30]]])
    for n, d, size in [(5, 3, 3), (7, 1, 2), (127, 4, 10), (1, 2, 1), (4, 4, 2)]:
        series = rng(n).normal(size=(n, d))
        assert_close(work.windows(series.copy(), size), plain_windows(series, size))


def test_step_between_windows() -> None:
    """With step=2 every second window is left out, whether the series divides by it or not."""
    for n, size, step in [(6, 3, 2), (7, 3, 2), (8, 3, 3), (9, 2, 4), (3, 3, 5), (129, 10, 7)]:
        series = np.arange(float(n))
        assert_close(work.windows(series.copy(), size, step), plain_windows(series, size, step))
    series = rng(3).normal(size=(11, 2))
    assert_close(work.windows(series.copy(), size=2, step=3), plain_windows(series, 2, 3))


def test_target_lies_behind_its_window() -> None:
    """y[i] is the step that comes `horizon` steps after the last of X[i]; windows without a target are left out."""
    check_supervised(np.array([10, 11, 12, 13, 14]), 3, 1)
    check_supervised(np.array([10, 11, 12, 13, 14]), 3, 2)
    for n, d, size, horizon in [(7, 2, 1, 1), (9, 3, 4, 3), (128, 2, 10, 24), (4, 1, 2, 2)]:
        check_supervised(rng(n).normal(size=(n, d)), size, horizon)
    X, y = as_pair(work.supervised(np.arange(5.0), 2))
    assert_close(X, [[[0], [1]], [[1], [2]], [[2], [3]]], what="X")
    assert_close(y, [[2], [3], [4]], what="y")


def test_nothing_fits() -> None:
    """Where window or target reach beyond the series, m is 0: shapes (0, size, d) and (0, d), no error."""
    short, empty = np.ones((2, 5)), np.ones((0, 2))
    for series, size in [(np.arange(3), 4), (np.arange(3), 9), (short, 3), (empty, 1), (np.ones(0), 2)]:
        d = 1 if series.ndim == 1 else series.shape[1]
        got = work.windows(series.copy(), size)
        assert_shape(got, (0, size, d))
        assert_dtype(got, series.dtype)
        assert_shape(work.windows(series.copy(), size, 2), (0, size, d))
        X, y = as_pair(work.supervised(series.copy(), size))
        assert_shape(X, (0, size, d), what="X")
        assert_shape(y, (0, d), what="y")
    for size, horizon in [(5, 1), (3, 3), (3, 4), (3, 6), (2, 40)]:
        check_supervised(np.arange(5.0), size, horizon)
        check_supervised(rng(5).normal(size=(5, 3)), size, horizon)


def test_dtype_is_kept() -> None:
    """Whatever the dtype of the series, windows and targets have it too."""
    for dtype in (np.float32, np.uint8, np.int64, np.float16, bool):
        series = np.array([0, 1, 1, 0], dtype=dtype)
        assert_dtype(work.windows(series.copy(), 2), dtype)
        X, y = as_pair(work.supervised(series.copy(), 2))
        assert_dtype(X, dtype, what="X")
        assert_dtype(y, dtype, what="y")


def test_windows_are_views() -> None:
    """What is written into the series later shows in the windows: nothing was copied."""
    strided, turned = np.arange(24.0).reshape(6, 4)[:, ::2], np.arange(12.0).reshape(2, 6).T
    for series in (np.arange(6.0), np.arange(12.0).reshape(6, 2), strided, turned):
        plain, stepped = as_array(work.windows(series, 3)), as_array(work.windows(series, 3, 3))
        X, _ = as_pair(work.supervised(series, 3))
        series[2] = -1.0
        assert_close(plain, plain_windows(series, 3), what="the window after a write into the series")
        assert_close(stepped, plain_windows(series, 3, 3), what="the window after a write into the series")
        assert_close(X, plain_windows(series, 3)[:-1], what="X after a write into the series")


def test_no_memory_of_their_own() -> None:
    """A hundred thousand windows of 1,000 steps take no memory of their own."""
    series = np.arange(100_999.0)
    got = as_array(assert_memory(lambda: work.windows(series, 1000), limit_mb=5))
    assert_shape(got, (100_000, 1000, 1))
    assert_close(got[-1, -1], [100_998.0], what="the last value of the last window")
    X, y = as_pair(assert_memory(lambda: work.supervised(series, 1000, 7), limit_mb=5))
    assert_shape(X, (99_993, 1000, 1), what="X")
    assert_close(y[-1], [100_998.0], what="the last target")


def test_writeable_as_the_series_is() -> None:
    """The windows are writeable if the series is, and read-only if it is."""
    for shape in [(6,), (6, 2)]:
        for writeable in (True, False):
            series = np.zeros(shape)
            series.flags.writeable = writeable
            kind = "writeable" if writeable else "read-only"
            got = as_array(work.windows(series, 2))
            require(got.flags.writeable is writeable, f"the windows of a {kind} series must be {kind}")
            X, _ = as_pair(work.supervised(series, 2))
            require(X.flags.writeable is writeable, f"X of a {kind} series must be {kind}")


def test_series_that_is_a_view() -> None:
    """A view (every second row, columns reversed, transposed) gives the windows of its copy, and stays as it was."""
    base = rng(9).normal(size=(14, 6))
    for series in (base[::2], base[:, ::-1], base.T, base[::-1, 2:4], base[:, 3], base[3, ::2]):
        expected = plain_windows(series.copy(), 2)
        X, y = plain_supervised(series.copy(), 2, 2)
        with unchanged(series=series, base=base):
            got = work.windows(series, 2)
            got_X, got_y = as_pair(work.supervised(series, 2, 2))
        assert_close(got, expected)
        assert_close(got_X, X, what="X")
        assert_close(got_y, y, what="y")


def test_bad_arguments_are_named() -> None:
    """A size, step or horizon below 1 and a series of another dimension raise ValueError that names the argument."""
    series = np.arange(5.0)
    for bad in (0, -1):
        assert_raises(ValueError, work.windows, series, bad, mentions="size")
        assert_raises(ValueError, work.windows, series, 2, bad, mentions="step")
        assert_raises(ValueError, work.supervised, series, bad, mentions="size")
        assert_raises(ValueError, work.supervised, series, 2, bad, mentions="horizon")
    for odd in (np.zeros((3, 2, 2)), np.array(4.0)):
        assert_raises(ValueError, work.windows, odd, 1, mentions="series")
        assert_raises(ValueError, work.supervised, odd, 1, mentions="series")
