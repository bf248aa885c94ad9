"""Hidden test of c02_2_calculus."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("polynomials")

POLYNOMIALS: list[list[float]] = [[2, 3, 1], [5], [0, 0, 0, 2], [1, -1], [0.5, 0, -2, 0, 0.25], [0], [-3, 0, 1, 0]]


def plain_value(coefficients: list[float], x: float) -> float:
    return math.fsum(c * x**k for k, c in enumerate(coefficients))


def plain_slopes(coefficients: list[float]) -> list[float]:
    return [float(k * coefficients[k]) for k in range(1, len(coefficients))] or [0.0]


def plain_descent(
    coefficients: list[float],
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


def assert_refuses(name: str, function: Any, *args: Any) -> None:
    """ValueError whose message holds the argument's name as a word of its own."""
    error = assert_raises(ValueError, function, *args)
    named = re.search(rf"(?<!\w){name}(?!\w)", str(error)) is not None
    require(named, f"the message does not name {name}", got=Shown(f"ValueError: {error}"))


def looked_at(got: Any) -> tuple[list[float], str]:
    xs, outcome = getattr(got, "xs", None), getattr(got, "outcome", None)
    assert_type(xs, list, what="the xs of descend")
    for x in xs:
        assert_type(x, float, what="a point of descend")
    assert_type(outcome, str, what="the outcome of descend")
    return [float(x) for x in xs], str(outcome)


def assert_descent(coefficients: list[float], start: float, rate: float, **others: Any) -> None:
    xs, outcome = plain_descent(coefficients, start, rate, **others)
    got_xs, got_outcome = looked_at(work.descend(list(coefficients), start, rate, **others))
    assert_equal(got_outcome, outcome, what=f"after {len(got_xs) - 1} steps the outcome")
    n_got, n = len(got_xs), len(xs)
    require(n_got == n, f"descend visited {n_got} points, expected {n}", got=got_xs[-5:], expected=Shown(f"{n} points"))
    assert_close(got_xs, xs, rtol=1e-6, atol=1e-8, what="xs")


def bowl(a: float, middle: float) -> list[float]:
    """a (x - middle)²"""
    return [a * middle**2, -2 * a * middle, a]


def test_value_at_a_number() -> None:
    """evaluate gives the polynomial's value at a number as a float, the constant coefficient first."""
    for coefficients in POLYNOMIALS:
        for x in (4, 0, -1.5, 1, 0.25):
            expected = plain_value(coefficients, x)
            got = work.evaluate(list(coefficients), x)
            assert_type(got, float)
            assert_close(got, expected)


def test_values_at_an_array() -> None:
    """evaluate takes an array of any shape and dtype, and gives float64 of the same shape, element by element."""
    arrays: list[NDArray[Any]] = [
        np.array([4.0, -1.0]),
        np.array([[1, 2, 3], [-4, 0, 7]]),
        np.array([200, 3], dtype=np.uint8),
    ]
    arrays += [np.zeros(0), rng(1).normal(size=(3, 2, 4)), np.arange(6.0)[::-2], np.array([0.1, 3.0], dtype=np.float32)]
    for coefficients in POLYNOMIALS:
        for x in arrays:
            expected = np.array([plain_value(coefficients, float(v)) for v in x.ravel()]).reshape(x.shape)
            with unchanged(x=x):
                got = work.evaluate(list(coefficients), x)
            assert_close(got, expected, rtol=1e-9, atol=1e-9)
            assert_type(got, np.ndarray)
            assert_dtype(got, np.float64)


def test_derivative() -> None:
    """derivative multiplies each coefficient by its power and moves it one place to the front, as floats."""
    for coefficients in [*POLYNOMIALS, rng(2).integers(-9, 9, 12).tolist(), [1, 1, 1, 1, 1, 1]]:
        expected = plain_slopes(coefficients)
        with unchanged(coefficients=coefficients):
            got = work.derivative(coefficients)
        assert_type(got, list)
        assert_equal(got, expected)
        for one in got:
            assert_type(one, float, what="a coefficient of the derivative")


def test_constants_and_nothing() -> None:
    """The derivative of a constant is [0.0]; no coefficients raise ValueError that names coefficients."""
    for constant in (5, 0, -2.5):
        assert_equal(work.derivative([constant]), [0.0])
    assert_refuses("coefficients", work.derivative, [])
    assert_refuses("coefficients", work.evaluate, [], 1.0)


def test_each_point_is_one_step_further() -> None:
    """Each point is the one before minus learning_rate times the slope there, the start first."""
    assert_descent([2, 3, 1], 4, 0.25, max_steps=2)
    assert_descent([2, 3, 1], 4, 0.25)
    assert_descent([1, 0, -2, 0, 1], 0.3, 0.05)
    for case in range(4):
        a, middle, start = rng(10 + case).uniform([0.5, -3.0, -9.0], [2.0, 3.0, 9.0]).tolist()
        assert_descent(bowl(a, middle), start, 0.3 / a)


def test_it_ends_at_the_right_moment() -> None:
    """It converges at the first point whose slope is within tolerance, the start too, and is slow after max_steps."""
    assert_descent([1, 0, 1], 0, 0.1)
    assert_descent([7], 3, 0.1)
    assert_descent([0, 0, 1], 8, 0.25, tolerance=0.5)
    assert_descent([0, 0, 1], 8, 0.25, max_steps=5, tolerance=0.5)
    assert_descent([0, 0, 1], 8, 0.25, max_steps=4, tolerance=0.5)
    assert_descent([0, 0, 1], 8, 0.25, max_steps=0)
    assert_descent([0, 0, 1], 0, 0.25, max_steps=0)
    assert_descent([0, 0, 1], 3, 1.0, max_steps=7)


def test_flight_ends() -> None:
    """It diverges at the first point beyond limit; that point is kept as the last one."""
    assert_descent([0, 0, 1], 1, 2.0, limit=100.0)
    assert_descent([0, 0, 1], 1, 2.0, limit=81.0)
    assert_descent([0, 0, 1], 5, 0.1, limit=4.0)
    assert_descent([0, 1], 0, 1.0, limit=10.0)
    assert_descent([0, 0, -1], 0.5, 0.2)
    assert_descent([0, 0, 1], 1, 1.5)


def test_overflow_is_flight() -> None:
    """A slope that is too large for a float, or NaN, diverges at that point; no OverflowError comes out."""
    steep = [0.0] * 40 + [1.0]
    both = [0.0] * 40 + [-1.0, 1.0]
    for coefficients, start in ((steep, 1e9), (steep, -5e8), (both, 9e8)):
        with calling(f"descend(x^40 …, {start:g}, 0.1)"):
            xs, outcome = looked_at(work.descend(list(coefficients), start, 0.1))
        assert_equal([xs, outcome], [[start], "diverges"], what="descend")
    with calling("descend([0, 0, 1e308, -1e308], 1.0, 0.1), the slope is inf - inf"):
        xs, outcome = looked_at(work.descend([0.0, 0.0, 1e308, -1e308], 1.0, 0.1))
    assert_equal([xs, outcome], [[1.0], "diverges"], what="descend")
    with calling("descend([0, 1e308], 0.0, 1e3, limit=inf)"):
        xs, outcome = looked_at(work.descend([0, 1e308], 0.0, 1e3, limit=math.inf))
    assert_equal([xs, outcome], [[0.0, -math.inf], "diverges"], what="descend")
    with calling("descend([0, 0, 0, 0, 1], 1e3, 0.1, limit=inf)"):
        xs, outcome = looked_at(work.descend([0, 0, 0, 0, 1], 1e3, 0.1, limit=math.inf))
    assert_equal(outcome, "diverges", what="the outcome")
    require(2 < len(xs) < 12, f"descend visited {len(xs)} points before it was lost", got=xs[-3:])


def trials(
    coefficients: list[float], start: float, rates: list[float], **others: Any
) -> list[tuple[float, str, int, float]]:
    got = work.compare_rates(list(coefficients), start, list(rates), **others)
    assert_type(got, list)
    require(len(got) == len(rates), f"compare_rates gave {len(got)} trials for {len(rates)} rates", got=got)
    seen = []
    for trial in got:
        fields = [getattr(trial, name, None) for name in ("rate", "outcome", "n_steps", "x")]
        for name, value, kind in zip(
            ("rate", "outcome", "n_steps", "x"), fields, (float, str, int, float), strict=True
        ):
            assert_type(value, kind, what=f"a trial's {name}")
        seen.append((float(fields[0]), str(fields[1]), int(fields[2]), float(fields[3])))
    return seen


def assert_trials(coefficients: list[float], start: float, rates: list[float], **others: Any) -> None:
    expected = []
    for rate in rates:
        xs, outcome = plain_descent(coefficients, start, rate, **others)
        expected.append((rate, outcome, len(xs) - 1, xs[-1]))
    got = trials(coefficients, start, rates, **others)
    for one, other in zip(got, expected, strict=True):
        assert_equal(one[:3], other[:3], what=f"the trial of rate {other[0]:g} (rate, outcome, n_steps)")
        assert_close(one[3], other[3], rtol=1e-6, atol=1e-8, what=f"the last x of rate {other[0]:g}")


def test_rates_compared() -> None:
    """compare_rates tells for each rate, from the same start, how, after how many steps and where it ended."""
    assert_trials([2, 3, 1], 4, [0.25, 0.00001, 1.5, 0.1])
    assert_trials([2, 3, 1], 4, [0.1, 0.4], max_steps=20)
    assert_trials([0, 0, 0, 0, 1], 1.0, [0.01])
    assert_equal(trials([2, 3, 1], 4, []), [])


def test_the_bend_sets_the_border() -> None:
    """On a bowl a·x² a tiny rate is slow, one below 1/a converges at the middle, and one above it diverges."""
    for case in range(4):
        a, middle = rng(20 + case).uniform([0.5, -3.0], [2.0, 3.0]).tolist()
        got = trials(bowl(a, middle), middle + 2.0, [1e-5 / a, 0.3 / a, 0.9 / a, 1.2 / a])
        assert_equal([one[1] for one in got], ["slow", "converges", "converges", "diverges"], what="the outcomes")
        assert_close([got[1][3], got[2][3]], [middle, middle], rtol=0, atol=1e-5, what="where it converged")


def test_best_rate() -> None:
    """best_rate gives the rate that converges in the fewest steps, the first of equals, or None."""
    with calling("Trial(0.1, 'converges', 12, 1.0)"):
        rows = [
            (0.5, "diverges", 3, 1e10),
            (0.1, "converges", 12, 1.0),
            (0.2, "converges", 7, 1.0),
            (0.3, "converges", 7, 1.0),
        ]
        some = [work.Trial(*row) for row in [*rows, (0.01, "slow", 5, 3.0)]]
        flat = [work.Trial(rate, "converges", 0, 2.0) for rate in (0.4, 0.6)]
    for chosen, expected in (
        (some, 0.2),
        (some[::-1], 0.3),
        (some[:2], 0.1),
        (some[:1], None),
        ([], None),
        (some[4:], None),
        ([*flat, *some], 0.4),
        ([*some, *flat], 0.4),
    ):
        assert_equal(work.best_rate(list(chosen)), expected)


def test_bad_arguments() -> None:
    """A learning_rate that is not positive and finite, or a start that is not finite, raises ValueError by name."""
    for rate in (0, -0.1, math.nan, math.inf):
        assert_refuses("learning_rate", work.descend, [0, 0, 1], 1.0, rate)
    for start in (math.nan, math.inf, -math.inf):
        assert_refuses("start", work.descend, [0, 0, 1], start, 0.1)
