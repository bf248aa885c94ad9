"""Hidden test of m02_statistics."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    as_figure,
    assert_choice,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    assert_type,
    global_random_state_kept,
    keep_picture,
    learner,
    no_warnings,
    part,
    require,
    rng,
    unchanged,
)

work = learner("statistics_lab")
Array = NDArray[Any]


def assert_share(hits: Array, p: float, what: str) -> None:
    """The share of hits is within five standard errors of p."""
    share, error = np.count_nonzero(hits) / len(hits), math.sqrt(p * (1 - p) / len(hits))
    why = f"the share of {what} is more than five standard errors off"
    require(abs(share - p) <= 5 * error + 1e-12, why, got=share, expected=p)


@part("Chance")
def test_dice_are_fair() -> None:
    """1. Every side from 1 to the last comes equally often, as integers."""
    n = 12_000
    for sides in (6, 2, 20):
        got = as_array(work.roll(n, rng(1)) if sides == 6 else work.roll(n, rng(1), sides), "roll")
        assert_shape(got, (n,), what="roll")
        assert_dtype(got, "integer", what="roll")
        shown = f"{got.min()} to {got.max()}"
        require(bool(got.min() >= 1 and got.max() <= sides), f"a die of {sides} sides shows 1 to {sides}", got=shown)
        for side in range(1, sides + 1):
            assert_share(got == side, 1 / sides, f"{side} among {n} rolls of {sides} sides")


@part("Chance")
def test_coins_keep_to_their_probability() -> None:
    """1. Tosses are bools, True with probability p, 0 and 1 included."""
    n = 12_000
    for p in (0.5, 0.1, 0.8, 0.0, 1.0):
        got = as_array(work.toss(n, rng(2)) if p == 0.5 else work.toss(n, rng(2), p), "toss")
        assert_shape(got, (n,), what="toss")
        assert_dtype(got, np.bool_, what="toss")
        assert_share(got, p, f"True among {n} tosses with p = {p}")


@part("Chance")
def test_draws_are_replayed_by_their_generator() -> None:
    """1. The same state of rng returns the same rolls and tosses, a second call new ones."""
    for name in ("roll", "toss"):
        one, two = np.random.default_rng(9), np.random.default_rng(9)
        with global_random_state_kept():
            draws = [as_array(getattr(work, name)(100, generator), name) for generator in (one, two, one)]
        assert_close(draws[1], draws[0], what=f"{name} with the same state of rng")
        require(draws[2].tolist() != draws[0].tolist(), f"a second call of {name} returned the same draws again")


def slow_running(outcomes: Array, value: Any) -> list[float]:
    listed = outcomes.tolist()
    return [listed[: k + 1].count(value) / (k + 1) for k in range(len(listed))]


@part("Chance")
def test_the_share_is_followed() -> None:
    """2. running_share returns the share of a value among the first 1, 2, … n outcomes, in float64."""
    bools = np.array([True, False, True, True])
    cases: list[tuple[Any, Any]] = [(np.array([6, 1, 2]), 6), (bools[:2], False), (bools, True)]
    for outcomes, value in [*cases, (np.array([1]), 2), (rng(4).integers(1, 7, 300).astype(np.uint8), 1)]:
        expected = slow_running(outcomes, value)
        with unchanged(outcomes=outcomes):
            got = work.running_share(outcomes, value)
        assert_close(got, expected)
        assert_dtype(got, np.float64)


def the_axes(got: Any, what: str, seen: list[Any]) -> Any:
    """The only axes of a figure that was not seen before."""
    figure = as_figure(got, what)
    require(all(figure is not other for other in seen), f"a second call of {what} drew on an earlier figure")
    seen.append(figure)
    require(len(figure.get_axes()) == 1, f"{what} must draw one axes", got=len(figure.get_axes()))
    return figure.get_axes()[0]


def paths_of(axes: Any, label: str) -> list[Array]:
    """The points, (n, 2), of each line of this label; those of `hlines` too."""
    lines = [np.column_stack(line.get_data()) for line in axes.get_lines() if line.get_label() == label]
    bundles = [bundle for bundle in axes.collections if bundle.get_label() == label and hasattr(bundle, "get_segments")]
    return lines + [np.asarray(path) for bundle in bundles for path in bundle.get_segments()]


def assert_legend(axes: Any, *labels: str) -> None:
    named = [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
    require(set(labels) <= set(named), f"the legend must name {' and '.join(labels)}", got=named)


@part("Chance")
def test_convergence_is_drawn() -> None:
    """3. The running share is a line over the trials from 1, logarithmic, with the probability as a level line."""
    seen: list[Any] = []
    for outcomes, value, p in ((rng(5).integers(1, 7, 2000), 6, 1 / 6), (rng(6).random(50) < 0.5, True, 0.5)):
        trials = np.arange(1, len(outcomes) + 1)
        expected = np.column_stack([trials, np.cumsum(outcomes == value) / trials])
        with unchanged(outcomes=outcomes):
            got = work.draw_convergence(outcomes, value, p)
        axes = the_axes(got, "draw_convergence", seen)
        for label in ("share", "probability"):
            found = len(paths_of(axes, label))
            require(found == 1, f"expected one line labelled {label!r}, found {found}")
        assert_close(paths_of(axes, "share")[0], expected, what="the points of the line 'share'")
        level = paths_of(axes, "probability")[0][:, 1]
        assert_close(level, np.full(len(level), p), what="y of the line 'probability'")
        for axis, scale, wanted in (("x", axes.get_xscale(), "log"), ("y", axes.get_yscale(), "linear")):
            require(scale == wanted, f"the scale of the {axis} axis is wrong", got=str(scale), expected=wanted)
        assert_legend(axes, "share", "probability")
    keep_picture(seen[0], "convergence")


def exact_variance(xs: Any, ddof: int) -> float:
    whole = [Fraction(x) for x in (xs.tolist() if isinstance(xs, np.ndarray) else xs)]
    centre = sum(whole) / len(whole)
    return float(sum((x - centre) ** 2 for x in whole) / (len(whole) - ddof))


def samples() -> list[Any]:
    return [[2, 4, 9], (5, 5), [-1.5, 2.25, 0.0, 8.0], rng(7).normal(3.0, 2.0, 127), np.arange(20)[::-3]]


@part("Spread")
def test_the_mean() -> None:
    """4. mean returns the mean of a list, a tuple or an array."""
    for xs in ([7], *samples()):
        expected = math.fsum(xs) / len(xs)
        with unchanged(xs=xs):
            got = work.mean(xs)
        assert_close(got, expected)


@part("Spread")
def test_the_variance() -> None:
    """4. variance divides by n - ddof, by n when nothing is said."""
    for xs in samples():
        assert_close(work.variance(xs), exact_variance(xs, 0))
        for ddof in range(min(3, len(xs))):
            with unchanged(xs=xs):
                got = work.variance(xs, ddof)
            assert_close(got, exact_variance(xs, ddof))


@part("Spread")
def test_the_deviation() -> None:
    """4. deviation is the root of the variance, with the same ddof."""
    for xs in samples():
        assert_close(work.deviation(xs), math.sqrt(exact_variance(xs, 0)))
        for ddof in range(min(3, len(xs))):
            with unchanged(xs=xs):
                got = work.deviation(xs, ddof)
            assert_close(got, math.sqrt(exact_variance(xs, ddof)))


@part("Spread")
def test_small_number_types_lose_nothing() -> None:
    """4. Numbers of a small type, such as uint8 or float32, neither wrap around nor lose digits."""
    whole = [np.array([200, 250, 240, 10], dtype=np.uint8), np.array([30_000, 20_000, 25_000], dtype=np.int16)]
    single = [np.array(xs, dtype=np.float32) for xs in ([2**24, 1, -(2**24)], [1e7, 1e7 + 1, 1e7 + 1])]
    for xs in whole + single:
        with no_warnings():
            mean, variance = work.mean(xs), work.variance(xs)
        assert_close(mean, math.fsum(xs.tolist()) / len(xs), what="mean")
        assert_close(variance, exact_variance(xs, 0), what="variance")


@part("Spread")
def test_a_large_offset_does_no_harm() -> None:
    """5. Adding 1e9 to each number leaves the variance as it is, to a millionth."""
    for offset in (1e9, -1e9):
        moved = [x + offset for x in (4.0, 7.0, 13.0, 16.0)]
        for ddof in (0, 1):
            call = f"variance([x + {offset:g} for x in [4, 7, 13, 16]], {ddof})"
            assert_close(work.variance(moved, ddof), exact_variance(moved, ddof), rtol=1e-6, call=call)


@part("Spread")
def test_too_few_numbers_are_refused() -> None:
    """6. Where nothing is left to divide by, ValueError or ZeroDivisionError is raised."""
    errors = (ValueError, ZeroDivisionError)
    for name in ("variance", "deviation"):
        for xs, ddof in (([3.0], 1), ([1.0, 2.0], 5), (np.array([3.0]), 1)):
            assert_raises(errors, getattr(work, name), xs, ddof)
    for name in ("mean", "variance", "deviation"):
        for none in ([], np.array([])):
            assert_raises(errors, getattr(work, name), none)


def two_samples(n: int, mu: float, sigma: float, generator: np.random.Generator) -> list[Array]:
    got = work.draw_samples(n, mu, sigma, generator)
    assert_type(got, (tuple, list))
    require(len(got) == 2, "draw_samples must return two arrays, normal and uniform", got=len(got))
    found = [as_array(sample, f"the {name} sample") for name, sample in zip(("normal", "uniform"), got, strict=True)]
    for sample in found:
        assert_shape(sample, (n,), what="each sample")
    return found


@part("Shapes")
def test_two_samples_of_one_mean_and_deviation() -> None:
    """7. The normal and the uniform sample both have the mean and the deviation asked for, each in its own shape."""
    n = 20_000
    shapes = (("normal", math.erf(1 / math.sqrt(2)), 3.0), ("uniform", 1 / math.sqrt(3), 1.8))
    for mu, sigma in ((0.0, 1.0), (-100.0, 0.1)):
        both = two_samples(n, mu, sigma, rng(10))
        for sample, (name, inside, fourth) in zip(both, shapes, strict=True):
            z = (sample - mu) / sigma
            error, got = 1 / math.sqrt(n), float(z.mean())
            require(abs(got) < 5 * error, f"the mean of the {name} sample is off", got=got * sigma + mu, expected=mu)
            error, got = math.sqrt((fourth - 1) / n), float((z**2).mean())
            why = f"the deviation of the {name} sample is off"
            require(abs(got - 1) < 6 * error, why, got=math.sqrt(got) * sigma, expected=sigma)
            assert_share(np.abs(z) <= 1, inside, f"what lies within one deviation of the {name} sample")


@part("Shapes")
def test_samples_are_replayed_by_their_generator() -> None:
    """7. The same state of rng returns the same samples, a second call new ones, as in promise 1."""
    one, two = np.random.default_rng(9), np.random.default_rng(9)
    with global_random_state_kept():
        first, same, second = (two_samples(100, 5.0, 2.0, generator) for generator in (one, two, one))
    assert_close(same, first, what="the samples from the same state of rng")
    for old, new in zip(first, second, strict=True):
        require(old.tolist() != new.tolist(), "a second call of draw_samples returned a sample again")


@part("Shapes")
def test_what_lies_within() -> None:
    """8. within returns the share of numbers at most k deviations from their mean."""
    assert_close(work.within([0, 2], 1), 1.0)
    for k in (0.5, 1, 1.5, 2):
        for xs in ([8, 0, 0, 0], rng(15).exponential(3.0, 127)):
            expected = np.count_nonzero(np.abs(xs - np.mean(xs)) <= k * np.std(xs)) / len(xs)
            with unchanged(xs=xs):
                got = work.within(xs, k)
            assert_close(got, expected)


def bars_of(axes: Any, label: str) -> list[Any]:
    """The bars of the histogram of this label, which matplotlib puts on its first bar or on all of them."""
    found = [c.patches for c in axes.containers if getattr(c, "patches", None)]
    named = [
        bars for bars, c in zip(found, axes.containers, strict=False) if label in (c.get_label(), bars[0].get_label())
    ]
    require(len(named) == 1, f"expected one histogram of bars labelled {label!r}, found {len(named)}")
    return list(named[0])


@part("Shapes")
def test_the_shapes_are_drawn() -> None:
    """9. Both samples are histograms of density, with their labels, over the same equal bins, in a new figure."""
    seen: list[Any] = []
    small = (np.array([4.0, 5.0, 5.0, 6.0]), np.array([1.5, 3.5, 6.5, 8.5]), 3)
    for normal, uniform, bins in (small, (rng(11).normal(5.0, 2.0, 1500), rng(12).uniform(1.5, 8.5, 900), 40)):
        edges = np.linspace(min(normal.min(), uniform.min()), max(normal.max(), uniform.max()), bins + 1)
        with unchanged(normal=normal, uniform=uniform):
            got = work.draw_shapes(normal, uniform) if bins == 40 else work.draw_shapes(normal, uniform, bins)
        axes = the_axes(got, "draw_shapes", seen)
        for label, sample in (("normal", normal), ("uniform", uniform)):
            heights = [bar.get_height() for bar in bars_of(axes, label)]
            require(len(heights) == bins, f"{label!r} has another number of bars", got=len(heights), expected=bins)
            expected = np.histogram(sample, bins=edges)[0] / len(sample) / np.diff(edges)
            # A value on the border of two bins may fall to either side by a rounding: one count of room.
            room = 1.5 / len(sample) / float(edges[1] - edges[0])
            assert_close(heights, expected, rtol=1e-6, atol=room, what=f"the heights of the bars of {label!r}")
        assert_legend(axes, "normal", "uniform")
    keep_picture(seen[0], "shapes")


@part("Shapes")
def test_the_shapes_are_told_apart() -> None:
    """10. The questions about the two shapes are answered."""
    given = work.ANSWERS
    assert_type(given, dict, what="ANSWERS")
    nudges = {
        "normal_within_one": ("c", "Count it in a sample of your own, by within(sample, 1)."),
        "uniform_within_one": ("b", "Its width is √12 deviations: which part of it is 2 deviations wide?"),
        "beyond_two": ("a", "How many deviations from the mean does the box end?"),
        "which_is_uniform": ("d", "Many small causes added up make a bell. Which one is no sum?"),
        "same_two_numbers": ("c", "Look at your own picture: what do the two samples share?"),
    }
    for question, (right, nudge) in nudges.items():
        assert_choice(given, question, right, "abcd", nudge)
