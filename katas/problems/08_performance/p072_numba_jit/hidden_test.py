"""Hidden test of p072_numba_jit."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numba.core import event
from numba.core.dispatcher import Dispatcher
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_faster,
    assert_raises,
    assert_shape,
    calling,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("fast_loops")
Array = NDArray[Any]
NAN = math.nan


def slow_smooth(x: Array, alpha: float) -> Array:
    result = np.empty(len(x))
    average = NAN
    for i in range(len(x)):
        value = float(x[i])
        if value == value:
            average = value if average != average else alpha * value + (1 - alpha) * average
        result[i] = average
    return result


def slow_nearest(points: Array, centres: Array) -> Array:
    labels = np.empty(len(points), dtype=np.int64)
    for i in range(len(points)):
        distances = [sum((points[i, c] - row[c]) ** 2 for c in range(points.shape[1])) for row in centres]
        labels[i] = distances.index(min(distances))
    return labels


def random_points(stream: int, n: int, d: int) -> Array:
    return rng(stream).normal(0.0, 3.0, (n, d))


def dispatcher(name: str) -> Any:
    """The learner's function, which has to be one that Numba compiles."""
    call_once(name)  # where it is missing or still the stub, this says so
    function = getattr(learner_module("fast_loops"), name)
    require(isinstance(function, Dispatcher), f"{name} is not what @numba.njit returns", got=type(function), call=" ")
    return function


@contextmanager
def compiling(text: str) -> Iterator[None]:
    """As calling does; what Numba cannot compile is the learner's mistake, though no line of theirs has run."""
    with calling(text):
        try:
            yield
        except NumbaError as error:
            reasons = [line.strip() for line in str(error).splitlines() if line.strip()]
            fail("Numba cannot compile it", got=Shown(" | ".join(reasons[1:3] or reasons)))


def call_once(name: str) -> None:
    with compiling("smooth(np.ones(2), 0.5)" if name == "smooth" else "nearest(np.ones((1, 1)), np.ones((1, 1)))"):
        if name == "smooth":
            work.smooth(np.ones(2), 0.5)
        else:
            work.nearest(np.ones((1, 1)), np.ones((1, 1)))


def test_nothing_is_compiled_after_warm_up() -> None:
    """1. After warm_up(), no call with a float and contiguous float64 arrays compiles anything."""
    calls = (
        ("smooth", (rng(1).normal(size=7), 0.25), "smooth(x, 0.25) of a float64 array of 7 values"),
        ("nearest", (random_points(2, 5, 3), random_points(3, 4, 3)), "nearest of float64 arrays (5, 3) and (4, 3)"),
        ("smooth", (np.zeros(300), 1.0), "smooth(x, 1.0) of a float64 array of 300 values"),
        ("nearest", (random_points(2, 9, 1), random_points(3, 2, 1)), "nearest of float64 arrays (9, 1) and (2, 1)"),
    )
    with compiling("warm_up()"):
        work.warm_up()
    for name, arguments, what in calls:
        with compiling(f"warm_up(), {what}"), event.install_recorder("numba:compile") as recorder:
            getattr(work, name)(*arguments)
            told = sorted({str(e.data["dispatcher"].py_func.__name__) for _, e in recorder.buffer if e.is_start})
            require(not told, "the call has compiled what warm_up() should have compiled", got=told, expected=[])


def test_nopython_mode() -> None:
    """2. smooth and nearest are what @numba.njit returns, compiled in nopython mode for all arguments."""
    for name in ("smooth", "nearest"):
        function = dispatcher(name)
        require(len(function.signatures) > 0, f"{name} has not been compiled by a call", call=" ")
        n_compiled, n_nopython = len(function.signatures), len(function.nopython_signatures)
        told, wanted = Shown(f"{n_nopython} of {n_compiled} signatures"), Shown("all of them")
        require(n_nopython == n_compiled, f"{name} is not in nopython mode", got=told, expected=wanted, call=" ")


def test_smooth() -> None:
    """4. smooth returns the average, which begins with x[0], as float64."""
    for x, alpha in (
        (np.array([4.0, 8.0]), 0.5),
        (np.array([4.0, 8.0, 0.0, 1.0]), 0.25),
        (np.array([-3.0]), 0.9),
        (np.array([1.0, 5.0, 2.0]), 1.0),
        (rng(4).normal(1e6, 1.0, 200), 0.01),
    ):
        expected = slow_smooth(x, alpha)
        with compiling(f"smooth({x.tolist() if len(x) < 9 else 'x of 200 values'}, {alpha})"):
            with unchanged(x=x):
                got = work.smooth(x, alpha)
            assert_shape(got, x.shape, what="what smooth returns")
            assert_close(got, expected, rtol=1e-9, what="what smooth returns")
            assert_dtype(got, np.float64, what="what smooth returns")


def test_nearest() -> None:
    """6. nearest agrees with argmin in NumPy, as int64."""
    small = (np.array([[0.0, 1.0], [9.0, 9.0]]), np.array([[8.0, 8.0], [0.0, 0.0]]))
    # Summed distances or the largest of both would choose otherwise.
    skewed = (np.array([[0.0, 0.0]]), np.array([[3.0, 3.0], [0.0, 5.0], [4.0, 4.0]]))
    skewed_again = (np.array([[0.0, 0.0]]), np.array([[0.0, 4.5], [3.0, 3.0], [3.5, 3.5]]))
    far = (np.array([[1e10, 0.0]]), np.array([[-1e10, 0.0], [2e10, 0.0]]))
    for points, centres in (small, skewed, skewed_again, far, (random_points(5, 60, 3), random_points(6, 7, 3))):
        gaps = points[:, None, :] - centres[None, :, :]
        expected = (gaps**2).sum(axis=2).argmin(axis=1)
        what = f"({points.tolist()}, {centres.tolist()})" if len(points) < 9 else " of 60 points and 7 centres"
        with compiling(f"nearest{what}"):
            with unchanged(points=points, centres=centres):
                got = work.nearest(points, centres)
            assert_shape(got, expected.shape, what="what nearest returns")
            assert_equal(got, expected, what="what nearest returns")
            assert_dtype(got, np.int64, what="what nearest returns")


@timing
def test_speed() -> None:
    """3. smooth and nearest are at least 10 times as fast as the same loops in plain Python."""
    x, points, centres = rng(7).normal(size=6000), random_points(8, 300, 4), random_points(9, 12, 4)
    smooth, nearest = (getattr(learner_module("fast_loops"), name) for name in ("smooth", "nearest"))
    call_once("smooth")
    call_once("nearest")
    what = "as fast as the same loop in plain Python"
    with compiling("smooth(x, 0.1) of 6000 values"):
        message = f"smooth is not 10 times {what}"
        assert_faster(lambda: smooth(x, 0.1), lambda: slow_smooth(x, 0.1), at_least=10, message=message)
    with compiling("nearest(points, centres) of 300 points and 12 centres"):
        message = f"nearest is not 10 times {what}"
        assert_faster(lambda: nearest(points, centres), lambda: slow_nearest(points, centres), 10, message=message)


edges()


def test_smooth_of_integers() -> None:
    """4. The average of integers is float64, and its fractions are kept."""
    x = np.array([1, 2, 4, -3])
    with compiling("smooth(np.array([1, 2, 4, -3]), 0.5)"):
        got = work.smooth(x, 0.5)
        assert_close(got, [1.0, 1.5, 2.75, -0.125], what="what smooth returns")
        assert_dtype(got, np.float64, what="what smooth returns")


def test_smooth_with_nan() -> None:
    """5. NaN leaves the average as it was; it is NaN until the first number comes."""
    cases = ([4.0, NAN, 0.0], [4.0, NAN, NAN, 8.0, NAN], [NAN, 3.0, 1.0], [NAN, NAN, 2.0, NAN, 6.0], [NAN], [NAN, NAN])
    for values in cases:
        expected = slow_smooth(np.array(values), 0.5)
        with compiling(f"smooth({values}, 0.5)"):
            assert_close(work.smooth(np.array(values), 0.5), expected, what="what smooth returns")


def test_smooth_of_nothing() -> None:
    """5. Of no values the average is an empty array."""
    with compiling("smooth(np.array([]), 0.5)"):
        assert_shape(work.smooth(np.array([]), 0.5), (0,), what="what smooth returns")


def test_equally_near() -> None:
    """6. Of equally near centres nearest takes the first."""
    for points, centres in (
        ([[0.0]], [[1.0], [-1.0]]),
        ([[0.0], [3.0]], [[5.0], [1.0], [5.0], [-1.0]]),
        ([[2.0, 2.0]], [[2.0, 2.0], [2.0, 2.0]]),
    ):
        with compiling(f"nearest(points, centres) of {points} and {centres}"):
            expected = slow_nearest(np.array(points), np.array(centres))
            assert_equal(work.nearest(np.array(points), np.array(centres)), expected, what="what nearest returns")


def test_alpha_is_checked() -> None:
    """7. An alpha outside 0 < alpha <= 1 raises ValueError, NaN too."""
    for alpha in (0.0, 1.5, -0.1, NAN, -2.0, math.nextafter(1.0, 2.0)):
        call = f"smooth(np.array([1.0, 2.0]), {alpha})"
        assert_raises(ValueError, work.smooth, np.array([1.0, 2.0]), alpha, call=call)
    with compiling("smooth(np.array([1.0, 3.0]), 1.0)"):
        assert_close(work.smooth(np.array([1.0, 3.0]), 1.0), [1.0, 3.0], what="what smooth returns")
    tiny = 1e-300
    with compiling(f"smooth(np.array([1.0, 3.0]), {tiny})"):
        assert_close(work.smooth(np.array([1.0, 3.0]), tiny), [1.0, 1.0], what="what smooth returns")


def test_points_and_centres_fit() -> None:
    """8. Another number of columns, or no centres at all, raises ValueError."""
    points = np.ones((2, 2))
    for shape in ((3, 3), (3, 1), (0, 2)):
        call = f"nearest(np.ones((2, 2)), np.ones({shape}))"
        assert_raises(ValueError, work.nearest, points, np.ones(shape), call=call)
