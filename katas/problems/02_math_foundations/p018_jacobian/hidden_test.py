"""Hidden test of p018_jacobian."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    fail,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("jacobian")

Floats = NDArray[np.float64]
CUBE_ROOT = float(np.finfo(np.float64).eps) ** (1 / 3)


def polar(v: Floats) -> Floats:
    return np.array([v[0] * np.cos(v[1]), v[0] * np.sin(v[1])])


def curved(v: Floats) -> Floats:
    """Three outputs of two inputs."""
    return np.array([v[0] ** 2 * v[1], np.exp(v[0]) + np.sin(v[1]), 3.0 * v[1] - v[0]])


def curved_derivatives(v: Floats) -> Floats:
    a, b = float(v[0]), float(v[1])
    return np.array([[2 * a * b, a * a], [np.exp(a), np.cos(b)], [-1.0, 3.0]])


class Recorder:
    """A function that notes every point at which it is called."""

    def __init__(self, function: Callable[[Floats], Any]) -> None:
        self.function, self.points = function, []

    def __call__(self, v: Any) -> Any:
        point = as_array(v, "the argument of f")
        if point.ndim != 1:
            fail(f"f was called with an array of shape {point.shape}, expected shape (n,)")
        self.points.append(np.array(point, dtype=float))
        return self.function(point)

    def __repr__(self) -> str:
        return "f"


def assert_points(points: list[Floats], x: Floats, step: float) -> None:
    """f was called once at each of x ± h e_j, and nowhere else."""
    left = list(points)
    for j, value in enumerate(x.tolist()):
        h = step * max(1.0, abs(value))
        for side in (h, -h):
            wanted = x.copy()
            wanted[j] += side
            slack = 1e-9 * np.maximum(1.0, np.abs(x)) * step
            slack[j] = 1e-3 * h
            hits = [i for i, p in enumerate(left) if p.shape == x.shape and np.all(np.abs(p - wanted) <= slack)]
            if not hits:
                told = f"f was not called at the point where input {j} alone is moved by {side:.3g}"
                fail(told, got=moves(points, x, j), expected=Shown(f"input {j} moved by {h:.6g} and {-h:.6g}"))
            del left[hits[0]]
    if left:
        told = f"f was called {len(points)} times, {2 * len(x)} are needed; one call too many was here"
        fail(told, got=left[0], expected=Shown(f"{2 * len(x)} calls"))


def moves(points: list[Floats], x: Floats, j: int) -> Shown:
    """How far input j lay from x in the calls in which it moved at all."""
    found = [float(p[j] - x[j]) for p in points if p.shape == x.shape and p[j] != x[j]]
    return Shown(f"input {j} moved by {', '.join(f'{move:.6g}' for move in found[:6]) or 'nothing'}")


def test_known_derivatives() -> None:
    """Entry [i, j] is the derivative of output i by input j: one row for each output."""
    for x in (np.array([2.0, 0.5]), np.array([1.0, -2.0])):
        radius, angle = x.tolist()
        expected = np.array([[np.cos(angle), -radius * np.sin(angle)], [np.sin(angle), radius * np.cos(angle)]])
        assert_close(work.jacobian(polar, x.copy()), expected, rtol=1e-7, atol=1e-8)
        expected = curved_derivatives(x)
        got = as_array(work.jacobian(curved, x.copy()))
        assert_dtype(got, np.float64)
        assert_close(got, expected, rtol=1e-7, atol=1e-8)


def test_linear_functions() -> None:
    """The Jacobian of a linear function is its matrix, of shape (outputs, inputs), also with one of either."""
    for stream, (m, n) in enumerate([(1, 1), (2, 2), (1, 4), (4, 1), (3, 7), (7, 3)]):
        matrix, x = rng(stream).normal(size=(m, n)), rng(20 + stream).normal(0.0, 5.0, n)
        expected = matrix.copy()
        assert_close(work.jacobian(lambda v, a=matrix: a @ v, x.copy()), expected, rtol=1e-7, atol=1e-7)


def test_scalar_functions() -> None:
    """A function that gives a single number, plain or as a 0-d array, has a Jacobian of shape (1, n)."""
    x = np.array([1.0, 2.0, -3.0])
    expected = 2 * x[None, :]
    kinds = (lambda v: float(v @ v), lambda v: np.array(v @ v), lambda v: v @ v, lambda v: np.array([v @ v]))
    for f in kinds:
        assert_close(work.jacobian(f, x.copy()), expected, rtol=1e-7)
    assert_close(work.jacobian(lambda v: v[0] ** 3, np.array([2.0])), [[12.0]], rtol=1e-7)


def test_called_once_at_each_point() -> None:
    """f is called once at each of the 2n points to either side of x, and never elsewhere."""
    for stream, n in enumerate([1, 2, 7]):
        x = rng(40 + stream).uniform(-1.0, 1.0, n)
        f = Recorder(lambda v: v * v)
        work.jacobian(f, x.copy())
        assert_points(f.points, x, CUBE_ROOT)


def test_step_grows_with_x() -> None:
    """Input j moves by step times max(1, |x[j]|), each by its own, whether step is given or left out."""
    x = np.array([1e6, -300.0, 0.0, 1e-9, 2.0])
    for options, step in (({}, CUBE_ROOT), ({"step": 1e-3}, 1e-3), ({"step": 0.5}, 0.5)):
        f = Recorder(lambda v: v[:2] * v[2:4])
        work.jacobian(f, x.copy(), **options)
        assert_points(f.points, x, step)
    far = np.array([1e12, -1e9, 3.0])
    expected = np.diag(2 * far / np.abs(far) ** 2)
    assert_close(work.jacobian(lambda v: 2 * np.log(np.abs(v)), far.copy()), expected, rtol=1e-6, atol=1e-30)


def test_error_falls_with_the_square_of_the_step() -> None:
    """A tenth of the step makes the error about a hundredth."""
    for x in (np.array([0.5, 0.7]), np.array([1.0, -0.4])):
        exact = curved_derivatives(x)[1]
        errors = []
        for step in (1e-1, 1e-2, 1e-3):
            got = as_array(work.jacobian(lambda v: curved(v)[1:2], x.copy(), step=step))
            assert_close(got, exact[None, :], atol=10 * step)
            errors.append(np.abs(got[0] - exact))
        for coarse, fine in pairwise(errors):
            ratio = (coarse / np.maximum(fine, 1e-300)).tolist()
            falls = all(80 < r < 120 for r in ratio)
            require(falls, "the error does not fall a hundredfold", got=ratio, expected=[100, 100])


def test_f_may_do_as_it_likes_with_arrays() -> None:
    """f may overwrite or keep its argument, and hand out the same array at each call."""
    x = np.array([1.0, 2.0])
    expected = np.array([[4.0, 2.0], [2.0, 4.0]])

    def overwriting(v: Floats) -> Floats:
        v[:] = expected @ v
        return v

    buffer = np.zeros(2)

    def same_array(v: Floats) -> Floats:
        np.matmul(expected, v, out=buffer)
        return buffer

    kept = []

    def keeping(v: Floats) -> Floats:
        kept.append(v)
        return expected @ v

    for f in (overwriting, same_array, keeping):
        assert_close(work.jacobian(f, x.copy()), expected, rtol=1e-7, what=f"jacobian({f.__name__}, x)")
    n_points = len({point.tobytes() for point in kept})
    require(n_points == 4, "the arrays that f kept were changed after its call", got=kept)


def test_x_stays_as_it_was() -> None:
    """x is left as it was, also when it is a view, and also when f writes into its argument."""
    base = np.array([0.1, 2.0, 0.3, -1.0])

    def overwriting(v: Floats) -> Floats:
        result = v * v
        v[:] = 99.0
        return result

    for x in (base.copy(), base[::2], base[::-1]):
        expected = np.diag(2 * x)
        with unchanged(x=x, base=base):
            got = work.jacobian(overwriting, x)
        assert_close(got, expected, rtol=1e-7, atol=1e-8)


def test_other_types_of_x() -> None:
    """Integers and float32 in x become float64 before they are moved."""
    for dtype in (np.int64, np.uint8, np.float32):
        x = np.array([0, 3, 200], dtype=dtype)
        f = Recorder(lambda v: v * v)
        expected = np.diag([0.0, 6.0, 400.0])
        got = as_array(work.jacobian(f, x.copy()))
        assert_close(got.astype(float), expected, rtol=1e-7, atol=1e-7)
        assert_dtype(got, np.float64)
        assert_points(f.points, x.astype(float), CUBE_ROOT)

    def typed(v: Any) -> Any:
        assert_dtype(v, np.float64, what="the argument of f")
        return v

    assert_close(work.jacobian(typed, np.array([1, 2])), np.eye(2), rtol=1e-7, atol=1e-8)


def named(argument: str, *args: Any, **options: Any) -> None:
    error = assert_raises(ValueError, work.jacobian, *args, **options)
    if not re.search(rf"\b{argument}\b", str(error)):
        fail(f"the message of the ValueError does not name {argument}", got=str(error))


def test_bad_arguments_are_refused() -> None:
    """An x that is not flat, a step not above 0 and a result that is not flat raise ValueError by name."""
    x = np.array([1.0, 2.0])
    for bad in (np.ones((2, 1)), np.ones((1, 2)), np.array(1.0), np.array([])):
        named("x", lambda v: v.sum(), bad)
    for step in (0.0, -1e-3):
        named("step", lambda v: v, x.copy(), step=step)
    for f in (lambda v: v[:, None], lambda v: np.outer(v, v), lambda v: v[None, None]):
        named("f", f, x.copy())


def test_errors_of_f_go_on() -> None:
    """What f raises reaches the caller as it is."""

    def failing(v: Floats) -> Floats:
        raise ZeroDivisionError("no such point")

    assert_raises(ZeroDivisionError, work.jacobian, failing, np.array([1.0]))
