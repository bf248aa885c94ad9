"""Hidden test of p018_jacobian."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    assert_close,
    assert_dtype,
    assert_raises,
    edges,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("jacobian")

Floats = NDArray[np.float64]


def named(f: Callable[[Floats], Any], text: str) -> Callable[[Floats], Any]:
    """f, shown as the text by which a learner can write it again."""
    f.__name__ = text
    return f


def polar(v: Floats) -> Floats:
    return np.array([v[0] * np.cos(v[1]), v[0] * np.sin(v[1])])


# Its central difference is 3x² + 2x + h² exactly, which shows how far each input has moved.
bent = named(lambda v: v.astype(float) ** 3 + v.astype(float) ** 2, "lambda v: v**3 + v**2")


def of_bent(x: NDArray[Any], step: float) -> Floats:
    values = [float(value) for value in x]
    return np.diag([3 * v**2 + 2 * v + (step * max(1.0, abs(v))) ** 2 for v in values])


def test_known_derivatives() -> None:
    """1. Entry [i, j] is the derivative of output i by input j: the result is (outputs, inputs), float64."""
    for stream, (m, n) in enumerate([(1, 1), (2, 1), (2, 3), (3, 3), (7, 2)]):
        matrix, x = rng(stream).integers(-9, 10, (m, n)).astype(float), rng(20 + stream).normal(0.0, 2.0, n)
        f = named(lambda v, a=matrix: a @ v, f"lambda v: np.array({matrix.tolist()}) @ v")
        got = work.jacobian(f, x.copy())
        assert_close(got, matrix, rtol=1e-4, atol=1e-4)
        assert_dtype(got, np.float64)
    radius, angle = 2.0, 0.5
    expected = np.array([[np.cos(angle), -radius * np.sin(angle)], [np.sin(angle), radius * np.cos(angle)]])
    assert_close(work.jacobian(polar, np.array([radius, angle])), expected, rtol=1e-4, atol=1e-4)


def test_scalar_functions() -> None:
    """2. For an f that returns a number, or a 0-d array, the result is (1, n)."""
    x = np.array([1.0, 2.0, -3.0])
    expected = 2 * x[None, :]
    plain, flat = named(lambda v: float(v @ v), "lambda v: float(v @ v)"), named(lambda v: v @ v, "lambda v: v @ v")
    array = named(lambda v: np.array(v @ v), "lambda v: np.array(v @ v)")
    for f in (plain, flat, array):
        assert_close(work.jacobian(f, x.copy()), expected, rtol=1e-4)


def test_central_differences() -> None:
    """3. The difference reaches to both sides: a tenth of the step makes the error a hundredth."""
    for step in (0.1, 0.01):
        expected = of_bent(np.zeros(2), step)
        assert_close(work.jacobian(bent, np.zeros(2), step=step), expected, rtol=1e-9, atol=1e-12)


def test_step_grows_with_x() -> None:
    """4. Each input moves by step times max(1, |x[j]|); left out, step is 6e-6."""
    for x in ([3.0], [-3.0], [0.0], [0.01], [100.0, -2.0, 0.0]):
        expected = of_bent(np.array(x), 0.1)
        assert_close(work.jacobian(bent, np.array(x), step=0.1), expected, rtol=1e-9, atol=1e-9)
    expected = of_bent(np.array([0.0]), 6e-6)
    assert_close(work.jacobian(bent, np.array([0.0])), expected, rtol=1e-6, atol=0.0)
    assert_close(work.jacobian(np.log, np.array([1e12])), [[1e-12]], rtol=1e-6, atol=0.0)


def test_called_once_at_each_point() -> None:
    """5. f is called 2n times."""
    for n in (1, 2, 7):
        points: list[Any] = []

        def f(v: Floats, seen: list[Any] = points) -> Floats:
            seen.append(v)
            return v[:1] * v[-1]

        named(f, "lambda v: v[:1] * v[-1]")
        work.jacobian(f, np.linspace(-1.0, 1.0, n))
        require(len(points) == 2 * n, "f is not called 2n times", got=len(points), expected=2 * n)


edges()


def test_f_may_overwrite_or_keep_its_argument() -> None:
    """6. Each call receives an array of its own."""
    expected = np.array([[4.0, 2.0], [2.0, 4.0]])

    def overwriting(v: Floats) -> Floats:
        result = expected @ v
        v[:] = 99.0
        return result

    kept: list[Floats] = []
    copies: list[Floats] = []

    def keeping(v: Floats) -> Floats:
        kept.append(v)
        copies.append(v.copy())
        return expected @ v

    for f in (overwriting, keeping):
        assert_close(work.jacobian(f, np.array([1.0, 2.0])), expected, rtol=1e-7)
    for array, copy in zip(kept, copies, strict=True):
        require(
            np.array_equal(array, copy), "an array that f kept was changed after its call", got=array, expected=copy
        )


def test_integers_and_float32_in_x() -> None:
    """7. Integers and float32 in x become float64 before they are moved."""
    for values, dtype in (([3], np.int64), ([-128], np.int8), ([200, 0], np.uint8), ([0.5], np.float32)):
        x = np.array(values, dtype=dtype)
        for step in (0.1, 1e-5):
            expected = of_bent(x, step)
            assert_close(work.jacobian(bent, x.copy(), step=step), expected, rtol=1e-7, atol=1e-7)


def test_integers_of_f() -> None:
    """7. What f returns becomes float64 before it is subtracted: 5 - 7 is -2 in uint8 too."""
    for dtype in (np.uint8, np.int64):

        def f(v: Floats, kind: Any = dtype) -> NDArray[Any]:
            return np.where(v > 0, 5, 7).astype(kind)

        named(f, f"lambda v: np.where(v > 0, 5, 7).astype(np.{np.dtype(dtype)})")
        assert_close(work.jacobian(f, np.array([0.0]), step=1.0), [[-1.0]])


def test_x_stays_as_it_was() -> None:
    """8. x is left as it was."""
    x = np.array([0.1, 0.3])
    with unchanged(x=x):
        work.jacobian(bent, x)


def test_bad_arguments_are_refused() -> None:
    """9. An x that is not one-dimensional, or a step that is not above 0, raises ValueError."""
    for x in (np.ones((2, 1)), np.ones((1, 2)), np.array(1.0)):
        assert_raises(ValueError, work.jacobian, lambda v: np.sum(v), x)
    for step in (0.0, -1e-3, math.nan):
        assert_raises(ValueError, work.jacobian, bent, np.array([1.0, 2.0]), step=step)
