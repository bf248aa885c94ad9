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
    assert_equal,
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


def assert_fair(drawn: Array, value: Any, p: float, what: str) -> None:
    """The share of the value is within five standard errors of p."""
    share, error = np.count_nonzero(drawn == value) / len(drawn), math.sqrt(p * (1 - p) / len(drawn))
    require(
        abs(share - p) <= 5 * error + 1e-12,
        f"the share of {value} in {what} is beyond five standard errors of its probability",
        got=share,
        expected=p,
    )


@part("Chance")
def test_dice_are_fair() -> None:
    """Every side from 1 to the last comes equally often, as integers; a die of no sides is refused."""
    for sides in (6, 2, 20, 1):
        n = 12_000
        drawn = work.roll(n, rng(1)) if sides == 6 else work.roll(n, rng(1), sides)
        got = as_array(drawn, "roll")
        assert_shape(got, (n,), what="roll")
        assert_dtype(got, "integer", what="roll")
        require(
            bool(got.min() >= 1 and got.max() <= sides),
            f"a die of {sides} sides shows 1 to {sides}",
            got=f"{got.min()} to {got.max()}",
        )
        for side in range(1, sides + 1):
            assert_fair(got, side, 1 / sides, f"{n} rolls of {sides} sides")
    assert_shape(work.roll(0, rng(1)), (0,), what="roll of n = 0")
    for sides in (0, -6):
        assert_raises(ValueError, work.roll, 3, rng(1), sides, mentions="sides")


@part("Chance")
def test_coins_keep_to_their_probability() -> None:
    """Heads is True and comes with probability p, 0 and 1 included; other p are refused."""
    for p in (0.5, 0.1, 0.8, 0.0, 1.0):
        n = 12_000
        got = as_array(work.toss(n, rng(2)) if p == 0.5 else work.toss(n, rng(2), p), "toss")
        assert_shape(got, (n,), what="toss")
        assert_dtype(got, np.bool_, what="toss")
        assert_fair(got, True, p, f"{n} tosses with p = {p}")
    for p in (-0.01, 1.5):
        assert_raises(ValueError, work.toss, 3, rng(2), p, mentions="p")


@part("Chance")
def test_draws_are_replayed_by_their_generator() -> None:
    """The same generator state gives the same rolls, tosses and samples, a second call new ones."""
    for name, arguments in (("roll", ()), ("toss", ()), ("draw_samples", (5.0, 2.0))):
        one, two = np.random.default_rng(9), np.random.default_rng(9)
        draws = []
        with global_random_state_kept():
            for generator in (one, two, one):
                got = getattr(work, name)(100, *arguments, generator)
                if name == "draw_samples":
                    assert_type(got, (tuple, list), what=name)
                draws.append(as_array(list(got) if isinstance(got, tuple) else got, name).astype(float))
        assert_close(draws[1], draws[0], what=f"{name} with the same generator state")
        assert_shape(draws[2], draws[0].shape, what=name)
        require(bool((draws[2] != draws[0]).any()), f"a second call of {name} gave the same draws again")


@part("Chance")
def test_shares_are_counted() -> None:
    """shares gives the share of each value, 0 where it never came; no outcomes are refused."""
    cases: list[tuple[Array, Any]] = [
        (np.array([1, 6, 6, 2]), [1, 2, 3, 6]),
        (np.array([True, False, True]), [True, False]),
        (np.array([3]), [4, 3]),
        (rng(3).integers(1, 7, 127).astype(np.uint8), range(1, 7)),
        (np.array([2, 2, 5]), []),
    ]
    for outcomes, values in cases:
        listed = outcomes.tolist()
        expected = np.array([listed.count(value) / len(listed) for value in values], dtype=float)
        with unchanged(outcomes=outcomes):
            got = work.shares(outcomes, values)
        assert_close(got, expected)
    assert_raises(ValueError, work.shares, np.array([]), [1], mentions="outcomes")


def slow_running(outcomes: Array, value: Any) -> list[float]:
    listed = outcomes.tolist()
    return [listed[: k + 1].count(value) / (k + 1) for k in range(len(listed))]


@part("Chance")
def test_the_share_is_followed() -> None:
    """running_share gives the share after 1, 2, … n outcomes; no outcomes are refused."""
    for outcomes, value in (
        (np.array([True, False, True, True]), True),
        (np.array([6, 1, 2]), 6),
        (np.array([1]), 2),
        (rng(4).integers(1, 7, 300).astype(np.uint8), 1),
    ):
        expected = slow_running(outcomes, value)
        with unchanged(outcomes=outcomes):
            got = work.running_share(outcomes, value)
        assert_close(got, expected)
    assert_raises(ValueError, work.running_share, np.array([]), 1, mentions="outcomes")


def the_axes(got: Any, what: str, seen: list[Any]) -> Any:
    """The only axes of a figure that was not seen before."""
    figure = as_figure(got, what)
    require(all(figure is not other for other in seen), f"a second call of {what} drew on an earlier figure")
    seen.append(figure)
    require(len(figure.get_axes()) == 1, f"{what} must draw one axes", got=len(figure.get_axes()))
    return figure.get_axes()[0]


def line_of(axes: Any, label: str) -> tuple[Array, Array]:
    found = [line for line in axes.get_lines() if line.get_label() == label]
    require(len(found) == 1, f"expected one line labelled {label!r}, found {len(found)}")
    x, y = found[0].get_data()
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


def assert_legend(axes: Any, *labels: str) -> None:
    named = [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
    require(set(labels) <= set(named), f"the legend must name {', '.join(labels)}", got=named)


@part("Chance")
def test_convergence_is_drawn() -> None:
    """The running share is a line over the trials from 1, logarithmic, with the probability as a level line."""
    seen: list[Any] = []
    for outcomes, value, p in ((rng(5).integers(1, 7, 2000), 6, 1 / 6), (rng(6).random(50) < 0.5, True, 0.5)):
        expected = np.cumsum(outcomes == value) / np.arange(1, len(outcomes) + 1)
        axes = the_axes(work.draw_convergence(outcomes.copy(), value, p), "draw_convergence", seen)
        x, y = line_of(axes, "share")
        assert_close(x, np.arange(1, len(outcomes) + 1), what="x of the line 'share'")
        assert_close(y, expected, what="y of the line 'share'")
        level = line_of(axes, "probability")[1]
        assert_close(level, np.full(level.shape, p), what="y of the line 'probability'")
        require(len(level) >= 2, "the line 'probability' needs two ends", got=len(level))
        require(axes.get_xscale() == "log", "the x axis must be logarithmic", got=str(axes.get_xscale()))
        assert_equal([axes.get_xlabel(), axes.get_ylabel()], ["trials", "share"], what="the axis labels")
        assert_legend(axes, "share", "probability")
    keep_picture(seen[0], "convergence")
    assert_raises(ValueError, work.draw_convergence, np.array([]), 1, 0.5, mentions="outcomes")


def answers() -> dict[str, Any]:
    given = work.ANSWERS
    assert_type(given, dict, what="ANSWERS")
    return dict(given)


@part("Chance")
def test_the_long_run_is_understood() -> None:
    """The questions about the long run are answered: ten heads in a row, and a smaller error."""
    given = answers()
    assert_choice(
        given, "ten_heads", "b", "abcd", "Does the coin know what it showed? How much do ten tosses weigh later on?"
    )
    assert_choice(given, "smaller_error", "c", "abcd", "The error goes with 1/√n.")


def exact_variance(xs: list[Any], ddof: int) -> float:
    whole = [Fraction(x) for x in xs]
    centre = sum(whole) / len(whole)
    return float(sum((x - centre) ** 2 for x in whole) / (len(whole) - ddof))


def samples() -> list[Any]:
    found: list[Any] = [[2, 4, 9], (5, 5), [7], [-1.5, 2.25, 0.0, 8.0], np.array([200, 250, 240, 10], dtype=np.uint8)]
    found += [rng(7).normal(3.0, 2.0, 127), rng(8).normal(-1e-3, 1e-4, 128).tolist(), np.arange(20)[::-3]]
    return [*found, np.array([30_000, 20_000, 25_000], dtype=np.int16)]


def as_plain(xs: Any) -> list[Any]:
    return xs.tolist() if isinstance(xs, np.ndarray) else list(xs)


@part("Spread")
def test_the_mean() -> None:
    """mean gives the mean of lists, tuples and arrays of any number type, as a float."""
    for xs in samples():
        expected = math.fsum(as_plain(xs)) / len(xs)
        with unchanged(xs=xs), no_warnings():
            got = work.mean(xs)
        assert_type(got, (float, np.floating))
        assert_close(got, expected, rtol=1e-9)


@part("Spread")
def test_the_variance_and_the_deviation() -> None:
    """variance and deviation divide by n - ddof, n when nothing is said."""
    for xs in samples():
        for ddof in (0, 1, 2):
            if ddof >= len(xs):
                continue
            expected = exact_variance(as_plain(xs), ddof)
            with unchanged(xs=xs), no_warnings():
                got = [f(xs) if ddof == 0 else f(xs, ddof) for f in (work.variance, work.deviation)]
            assert_type(got[0], (float, np.floating), what="variance")
            assert_type(got[1], (float, np.floating), what="deviation")
            assert_close(got[0], expected, rtol=1e-9, atol=1e-18, what="variance")
            assert_close(got[1], math.sqrt(expected), rtol=1e-9, atol=1e-12, what="deviation")


@part("Spread")
def test_a_large_offset_does_no_harm() -> None:
    """Adding 1e9 to every number leaves the variance as it is."""
    for xs in ([4.0, 7.0, 13.0, 16.0], rng(9).integers(0, 9, 500).astype(float).tolist()):
        for offset in (1e9, -1e9):
            moved = [x + offset for x in xs]
            for ddof in (0, 1):
                expected = exact_variance(moved, ddof)
                assert_close(work.variance(moved, ddof), expected, rtol=1e-6)
                assert_close(work.deviation(np.array(moved), ddof), math.sqrt(expected), rtol=1e-6)


@part("Spread")
def test_too_few_numbers_are_refused() -> None:
    """No numbers at all, and a ddof that is negative or leaves nothing to divide by, raise ValueError by name."""
    for name in ("mean", "variance", "deviation"):
        for xs in ([], np.array([])):
            assert_raises(ValueError, getattr(work, name), xs, mentions="xs")
    for name in ("variance", "deviation"):
        for xs, ddof in (([3.0], 1), ([1.0, 2.0], 2), ([1.0, 2.0], 5), ([1.0, 2.0], -1)):
            assert_raises(ValueError, getattr(work, name), xs, ddof, mentions="ddof")


@part("Shapes")
def test_two_samples_of_one_mean_and_deviation() -> None:
    """The normal and the uniform sample both have the mean and the deviation asked for, each in its own shape."""
    n = 20_000
    for mean, std in ((5.0, 2.0), (-100.0, 0.1)):
        got = work.draw_samples(n, mean, std, rng(10))
        assert_type(got, (tuple, list), what="draw_samples")
        require(len(got) == 2, "draw_samples must give two arrays, normal and uniform", got=len(got))
        for name, sample, within, fourth in zip(
            ("normal", "uniform"), got, (math.erf(1 / math.sqrt(2)), 1 / math.sqrt(3)), (3.0, 1.8), strict=True
        ):
            z = (as_array(sample, f"the {name} sample") - mean) / std
            assert_shape(z, (n,), what=f"the {name} sample")
            off = abs(float(z.mean())) * math.sqrt(n)
            require(
                off < 5,
                f"the mean of the {name} sample is {off:.0f} standard errors off",
                got=float(z.mean()) * std + mean,
            )
            off = abs(float((z**2).mean()) - 1) / math.sqrt((fourth - 1) / n)
            require(off < 6, f"the deviation of the {name} sample is off", got=float(z.std()) * std, expected=std)
            assert_fair(np.abs(z) <= 1, True, within, f"“within one deviation” of the {name} sample")
    for std in (0.0, -1.0, math.nan):
        assert_raises(ValueError, work.draw_samples, 5, 0.0, std, rng(10), mentions="std")


def labels_of(container: Any) -> set[str]:
    """The labels of a set of bars: matplotlib puts a histogram's on its first bar."""
    patches = getattr(container, "patches", [])
    return {str(container.get_label()), str(patches[0].get_label())} if patches else set()


@part("Shapes")
def test_the_samples_are_drawn() -> None:
    """Both samples are histograms of density, with their labels, over the same equal bins."""
    seen: list[Any] = []
    for mean, std, bins, n in ((5.0, 2.0, 40, 1500), (0.0, 0.5, 25, 1500), (0.0, 1.0, 10, 8)):
        # Eight values from the middle of the bell: here the uniform sample reaches farther.
        normal = rng(11).normal(mean, std, n) if n > 8 else mean + std * np.linspace(-0.9, 0.8, n)
        uniform = rng(12).uniform(mean - math.sqrt(3) * std, mean + math.sqrt(3) * std, 900)
        edges = np.linspace(min(normal.min(), uniform.min()), max(normal.max(), uniform.max()), bins + 1)
        with unchanged(normal=normal, uniform=uniform):
            settings = {} if bins == 40 else {"bins": bins}
            axes = the_axes(work.draw_shapes(normal, uniform, mean, std, **settings), "draw_shapes", seen)
        if bins == 40:
            keep_picture(seen[-1], "shapes")
        for label, sample in (("normal sample", normal), ("uniform sample", uniform)):
            bars = [c for c in axes.containers if label in labels_of(c)]
            require(len(bars) == 1, f"expected one histogram of bars labelled {label!r}, found {len(bars)}")
            patches = bars[0].patches
            require(len(patches) == bins, f"{label!r} has another number of bars", got=len(patches), expected=bins)
            assert_close([p.get_x() for p in patches], edges[:-1], rtol=1e-6, atol=1e-6, what=f"the bins of {label!r}")
            expected = np.histogram(sample, bins=edges)[0] / len(sample) / np.diff(edges)
            # A value on the border of two bins may fall to either side by a rounding: one count of room.
            room = 1.5 / len(sample) / float(edges[1] - edges[0])
            assert_close(
                [p.get_height() for p in patches], expected, rtol=1e-6, atol=room, what=f"the bars of {label!r}"
            )


@part("Shapes")
def test_the_densities_are_drawn() -> None:
    """Both densities are smooth labelled lines from mean - 4 std to mean + 4 std, and the legend names all four."""
    seen: list[Any] = []
    for mean, std in ((5.0, 2.0), (-3.0, 0.5)):
        reach = math.sqrt(3) * std
        normal, uniform = rng(13).normal(mean, std, 300), rng(14).uniform(mean - reach, mean + reach, 300)
        axes = the_axes(work.draw_shapes(normal, uniform, mean, std), "draw_shapes", seen)
        for label in ("normal density", "uniform density"):
            x, y = line_of(axes, label)
            enough = len(x) >= 200 and x.min() <= mean - 4 * std + 1e-9 and x.max() >= mean + 4 * std - 1e-9
            told = f"{len(x)} points from {x.min():.4g} to {x.max():.4g}" if len(x) else "no points"
            require(bool(enough), f"the line {label!r} is too short or too coarse", got=told)
            if label == "normal density":
                expected = [math.exp(-(((v - mean) / std) ** 2) / 2) / math.sqrt(2 * math.pi) / std for v in x]
                assert_close(y, expected, rtol=1e-6, atol=1e-9, what=f"y of the line {label!r}")
            else:
                # Next to its two ends the box may be drawn either way.
                clear = np.abs(np.abs(x - mean) - reach) > 0.1 * std
                expected = np.where(np.abs(x - mean) < reach, 1 / (2 * reach), 0.0)
                inside = int((clear & (expected > 0)).sum())
                require(inside >= 20, "the line 'uniform density' has too few points within the box", got=inside)
                assert_close(y[clear], expected[clear], rtol=1e-6, atol=1e-9, what=f"y of the line {label!r}")
        assert_legend(axes, "normal sample", "uniform sample", "normal density", "uniform density")


@part("Shapes")
def test_the_shapes_are_told_apart() -> None:
    """The questions about the two shapes are answered: what lies within one deviation, what beyond two, and why."""
    given = answers()
    assert_choice(given, "normal_within_one", "c", "abcd", "Count it in a sample of your own.")
    assert_choice(
        given, "uniform_within_one", "b", "abcd", "Its width is √12 deviations: which part of it is 2 deviations wide?"
    )
    assert_choice(given, "beyond_two", "a", "abcd", "How many deviations from the mean does the box end?")
    assert_choice(
        given, "which_is_uniform", "d", "abcd", "Many small causes added up make a bell. Which one is no sum?"
    )
    assert_choice(given, "same_two_numbers", "c", "abcd", "Look at your own picture: what do the two samples share?")
