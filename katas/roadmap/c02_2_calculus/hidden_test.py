"""Hidden test of c02_2_calculus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    edges,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("polynomials")

POLYNOMIALS: list[list[float]] = [[2, 3, 1], [1, -1], [0, 0, 0, 2], [0.5, 0, -2, 0, 0.25], [-3, 0, 1, 0]]


def plain_value(coefficients: Sequence[float], x: float) -> float:
    return math.fsum(c * x**k for k, c in enumerate(coefficients))


def plain_slopes(coefficients: Sequence[float]) -> list[float]:
    return [float(k * coefficients[k]) for k in range(1, len(coefficients))] or [0.0]


def plain_descent(
    coefficients: Sequence[float],
    start: float,
    rate: float,
    max_steps: int = 1000,
    tolerance: float = 1e-6,
    limit: float = 1e9,
) -> tuple[list[float], str]:
    """The three questions in the order of the task, with the slope as a sum of powers."""
    slopes, xs = plain_slopes(coefficients), [float(start)]
    while True:
        slope = plain_value(slopes, xs[-1])
        if abs(xs[-1]) > limit:
            return xs, "diverges"
        if abs(slope) <= tolerance:
            return xs, "converges"
        if len(xs) == max_steps + 1:
            return xs, "slow"
        xs.append(xs[-1] - rate * slope)


def points_of(got: Any) -> list[float]:
    xs = as_array(getattr(got, "xs", None), "the xs of descend").astype(np.float64)
    require(xs.ndim == 1 and len(xs) > 0, "xs must hold all points visited, the start first", got=xs)
    return [float(x) for x in xs]


def assert_ends(coefficients: Sequence[float], start: float, rate: float, **others: Any) -> None:
    """The outcome is right, and so are the number of points and the last one."""
    xs, outcome = plain_descent(coefficients, start, rate, **others)
    got = work.descend(list(coefficients), start, rate, **others)
    assert_equal(getattr(got, "outcome", None), outcome, what="the outcome")
    found = points_of(got)
    told, wanted = (Shown(f"{len(points)} points, the last is {points[-1]:g}") for points in (found, xs))
    require(len(found) == len(xs), "xs has another number of points", got=told, expected=wanted)
    assert_close(found[-1], xs[-1], rtol=1e-6, atol=1e-8, what="the last point")


def bowl(a: float, middle: float) -> list[float]:
    """a (x - middle)²"""
    return [a * middle**2, -2 * a * middle, a]


def test_value_of_a_polynomial() -> None:
    """evaluate returns the polynomial's value at x, the constant coefficient first."""
    constant: list[float] = [5]
    for coefficients in (constant, *POLYNOMIALS):
        for x in (4, 0, -1.5, 0.25):
            expected = plain_value(coefficients, x)
            assert_close(work.evaluate(list(coefficients), x), expected)


def test_values_at_an_array() -> None:
    """evaluate takes an array of any shape element by element."""
    for x in (np.array([4.0, -1.0]), np.array([[1.5, 2.0, 3.0]]), np.zeros(0), rng(1).normal(size=(3, 2, 4))):
        for coefficients in POLYNOMIALS:
            expected = np.array([plain_value(coefficients, float(v)) for v in x.ravel()]).reshape(x.shape)
            assert_close(work.evaluate(list(coefficients), x.copy()), expected, rtol=1e-9, atol=1e-9)


def test_derivative() -> None:
    """derivative multiplies each coefficient by its power and moves it one place to the front."""
    line: list[float] = [2, 3]
    for coefficients in (line, *POLYNOMIALS, [1.0] * 6, rng(2).integers(-9, 9, 12).tolist()):
        expected = plain_slopes(coefficients)
        assert_equal(work.derivative(list(coefficients)), expected)


def test_each_point_is_one_step_further() -> None:
    """Each point is the one before minus learning_rate times the slope there, the start first."""
    cases: list[tuple[list[float], float, float]] = [([2, 3, 1], 4.0, 0.25), ([1, 0, -2, 0, 1], 1.5, 0.01)]
    for case in range(3):
        a, middle, away = rng(10 + case).uniform([0.5, -3.0, 1.0], [2.0, 3.0, 9.0]).tolist()
        cases.append((bowl(a, middle), middle + away, 0.3 / a))
    for coefficients, start, rate in cases:
        # Only the first points: where the walk ends is the matter of the checks of its ends.
        expected = plain_descent(coefficients, start, rate, max_steps=3, tolerance=0.0)[0]
        got = points_of(work.descend(list(coefficients), start, rate, max_steps=10, tolerance=1e-12))
        assert_close(got[:4], expected, what="the first points of xs")


def test_a_walk_that_converges() -> None:
    """At the first point whose |slope| is at most tolerance, the start too, it ends as "converges"."""
    assert_ends([1, 0, 1], 0, 0.1)
    for start in (8, -8):
        assert_ends([0, 0, 1], start, 0.25, tolerance=0.5)
        # The slope is small enough after the last step that may be taken.
        assert_ends([0, 0, 1], start, 0.25, max_steps=5, tolerance=0.5)
    assert_ends([0, 0, 1], 0, 0.25, max_steps=0)
    assert_ends([2, 3, 1], 4, 0.25)


def test_a_walk_that_is_slow() -> None:
    """After max_steps steps it ends as "slow", with max_steps + 1 points; by default after 1000."""
    assert_ends([0, 0, 1], 8, 0.25, max_steps=1)
    assert_ends([0, 0, 1], 8, 0.25, max_steps=0)
    assert_ends([0, 0, 1], 3, 1.0, max_steps=7)
    assert_ends([2, 3, 1], 4, 1e-5)


def test_a_walk_that_diverges() -> None:
    """Beyond limit, on either side, it ends as "diverges", before anything else is asked; that point is kept."""
    assert_ends([0, 0, 1], 1, 2.0, limit=100.0)
    assert_ends([0, 0, 1], 1, 2.0, limit=81.0)
    assert_ends([0, 1], 0, 1.0, limit=10.0)
    assert_ends([0, 0, 1], 5, 0.1, limit=4.0)
    # Both hold at once: too far away, and flat, or the last step.
    assert_ends([7], 3, 0.1, limit=2.0)
    assert_ends([0, 0, 1], 1, 2.0, max_steps=2, limit=5.0)
    assert_ends([0, 0, 1], 1, 1.5)


def assert_trials(coefficients: Sequence[float], start: float, rates: list[float], **others: Any) -> None:
    expected = []
    for rate in rates:
        xs, outcome = plain_descent(coefficients, start, rate, **others)
        expected.append((rate, outcome, len(xs) - 1, xs[-1]))
    got = work.compare_rates(list(coefficients), start, list(rates), **others)
    assert_type(got, (list, tuple))
    n = len(got)
    require(n == len(rates), "compare_rates returned another number of trials", got=n, expected=len(rates))
    for trial, one in zip(got, expected, strict=True):
        for name, wanted in zip(("rate", "outcome", "n_steps"), one[:3], strict=True):
            assert_equal(getattr(trial, name, None), wanted, what=f"{name} of the trial of rate {one[0]:g}")
        last = getattr(trial, "x", None)
        assert_close(last, one[3], rtol=1e-6, atol=1e-8, what=f"x of the trial of rate {one[0]:g}")


def test_rates_compared() -> None:
    """compare_rates tells for each rate, from the same start, how, after how many steps and where it ended."""
    assert_trials([2, 3, 1], 4, [0.25])
    assert_trials([2, 3, 1], 4, [0.25, 0.25])
    assert_trials([2, 3, 1], 4, [0.1, 0.4], max_steps=20)
    assert_trials([2, 3, 1], 4, [0.25, 0.00001, 1.5, 0.1])
    for case in range(3):
        # On a bowl a·x² a rate below 1/a converges, one above it diverges.
        a, middle = rng(20 + case).uniform([0.5, -3.0], [2.0, 3.0]).tolist()
        assert_trials(bowl(a, middle), middle + 2.0, [1e-5 / a, 0.3 / a, 0.9 / a, 1.2 / a])


def test_best_rate() -> None:
    """best_rate returns the rate that converges in the fewest steps, the first of equals, or None."""
    rows = [
        (0.5, "diverges", 3, 1e10),
        (0.1, "converges", 12, 1.0),
        (0.2, "converges", 7, 1.0),
        (0.3, "converges", 7, 1.0),
        (0.01, "slow", 5, 3.0),
        (0.4, "converges", 0, 2.0),
        (0.6, "converges", 0, 2.0),
    ]
    with calling("Trial(0.1, 'converges', 12, 1.0)"):
        away, twelve, seven, also_seven, slow, none, also_none = (work.Trial(*row) for row in rows)
    for chosen, expected in (
        ([twelve], 0.1),
        ([twelve, seven], 0.2),
        ([seven, also_seven], 0.2),
        ([also_seven, seven], 0.3),
        ([away, twelve], 0.1),
        ([away], None),
        ([slow, twelve], 0.1),
        ([slow], None),
        ([], None),
        ([none, also_none, seven], 0.4),
        ([seven, also_none, none], 0.6),
    ):
        assert_equal(work.best_rate(list(chosen)), expected)


edges()


def test_derivative_of_a_constant() -> None:
    """The derivative of a constant is [0.0]."""
    for constant in (5, 0, -2.5):
        assert_equal(work.derivative([constant]), [0.0])


def test_a_constant_keeps_the_shape() -> None:
    """A constant polynomial returns an array of the shape of x."""
    for shape in ((2,), (2, 3)):
        got = work.evaluate([5], np.ones(shape))
        assert_shape(got, shape)
        assert_close(got, np.full(shape, 5.0))


def test_integers_do_not_wrap_around() -> None:
    """An array of integers has the same values as the array of the same floats."""
    cases: list[tuple[Any, list[int]]] = [(np.uint8, [200, 3]), (np.int16, [-300, 7]), (np.int64, [10**10, -(10**7)])]
    for kind, values in cases:
        for coefficients in ([2, 3, 1], [0, 0, 0, 2], [0, 0.5]):
            expected = [plain_value(coefficients, float(v)) for v in values]
            assert_close(work.evaluate(list(coefficients), np.array(values, dtype=kind)), expected, rtol=1e-12)


def test_float32_is_computed_in_float64() -> None:
    """An array of float32 has the same values, in float64, as the array of the same floats."""
    for values in ([2**24 - 1.0], [0.5, 2**24 - 1.0]):
        x = np.array(values, dtype=np.float32)
        # float64 holds all of these exactly, whereas 2**24 + 1 is 2**24 in float32.
        for coefficients in ([2, 1], [5], [2, 3, 1]):
            expected = [plain_value(coefficients, v) for v in values]
            got = work.evaluate(list(coefficients), x.copy())
            assert_close(got, expected, rtol=1e-12, atol=0.0)
            assert_dtype(got, np.float64, what="evaluate of float32")


def test_too_large_for_a_float() -> None:
    """A point or a slope that is infinite or NaN ends the walk there as "diverges", without an OverflowError."""
    for coefficients, start, rate, expected in (
        ([0.0, 0.0, 0.0, 0.0, 1.0], -1e200, 0.1, [-1e200]),  # the slope is infinite
        ([0.0, 0.0, 1e308, -1e308], 1.0, 0.1, [1.0]),  # inf - inf
        ([0.0, 1e308], 0.0, 1e3, [0.0, -math.inf]),  # the slope is not, but x
        ([0.0, 1.0], math.nan, 0.1, [math.nan]),
    ):
        got = work.descend(list(coefficients), start, rate, limit=math.inf)
        assert_equal(getattr(got, "outcome", None), "diverges", what="the outcome")
        assert_close(points_of(got), expected, what="xs")


def test_inputs_stay_as_they_were() -> None:
    """Lists and arrays that are passed in stay as they were."""
    coefficients, x, rates = [2, 3, 1], np.array([[4.0, -1.0], [0.5, 2.0]]), [0.25, 0.1]
    for some in ([2], [2, 3], coefficients):
        with unchanged(coefficients=some, x=x):
            work.evaluate(some, x)
    with unchanged(coefficients=coefficients):
        work.derivative(coefficients)
    with unchanged(coefficients=coefficients):
        work.descend(coefficients, 4, 0.25)
    with unchanged(coefficients=coefficients, rates=rates):
        trials = work.compare_rates(coefficients, 4, rates)
    with unchanged(trials=trials):
        work.best_rate(trials)


def test_rates_that_are_refused() -> None:
    """A learning_rate that is not positive and finite raises ValueError."""
    for rate in (0, -0.1, math.nan, math.inf):
        assert_raises(ValueError, work.descend, [0, 0, 1], 1.0, rate)
