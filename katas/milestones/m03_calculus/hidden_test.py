"""Hidden test of m03_calculus."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    keep_picture,
    learner,
    part,
    require,
    rng,
    unchanged,
)

work = learner("descent_duel")
Array = NDArray[Any]
OUTCOMES = ("converged", "diverged", "out of steps")


class Named:
    """A function that shows itself by its formula."""

    def __init__(self, formula: str, function: Callable[[Any], Any]) -> None:
        self.formula, self.function = formula, function

    def __call__(self, x: Any) -> Any:
        return self.function(x)

    def __repr__(self) -> str:
        return self.formula


class Walk(NamedTuple):
    xs: Array
    ys: Array
    outcome: str


PARABOLA = Named("f(x) = x² + 3x + 2", lambda x: x**2 + 3 * x + 2)
HILL = Named("f(x) = -x²", lambda x: -(x**2))
CUBE = Named("f(x) = x³", lambda x: x**3)


def parabola(a: float, middle: float) -> Named:
    return Named(f"f(x) = {a:g} (x - {middle:g})²", lambda x: a * (x - middle) ** 2)


def slow_slope(f: Callable[[Any], Any], x: float, h: float = 1e-5) -> float:
    s = h * max(1.0, abs(x))
    return float((f(x + s) - f(x - s)) / (2 * s))


def slow_walk(
    f: Callable[[Any], Any],
    start: float,
    rate: float,
    max_steps: int = 1000,
    tolerance: float = 1e-6,
    limit: float = 1e9,
) -> Walk:
    xs = [float(start)]
    while True:
        x, y = xs[-1], float(f(xs[-1]))
        if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= limit):
            outcome = "diverged"
        elif abs(slow_slope(f, x)) <= tolerance:
            outcome = "converged"
        elif len(xs) > max_steps:
            outcome = "out of steps"
        else:
            xs.append(x - rate * slow_slope(f, x))
            continue
        return Walk(np.array(xs), np.array([float(f(x)) for x in xs]), outcome)


def looked_at(path: Any) -> Walk:
    """The learner's path as a plain record, every field of the right kind."""
    require(path is not None, "descend gave None; is a return missing?")
    xs, ys = (as_array(getattr(path, name, None), f"path.{name}") for name in ("xs", "ys"))
    outcome = getattr(path, "outcome", None)
    assert_type(outcome, str, what="path.outcome")
    require(outcome in OUTCOMES, f"path.outcome must be one of {', '.join(OUTCOMES)}", got=outcome)
    require(xs.ndim == 1 and len(xs) > 0, "path.xs must hold the start and every point after it", got=xs)
    assert_shape(ys, xs.shape, what="path.ys")
    assert_dtype(xs, "floating", what="path.xs")
    assert_dtype(ys, "floating", what="path.ys")
    return Walk(xs, ys, str(outcome))


def walked(f: Any, start: float, rate: float, **settings: Any) -> Walk:
    return looked_at(work.descend(f, start, rate, **settings))


def assert_same_walk(got: Walk, expected: Walk) -> None:
    assert_equal(got.outcome, expected.outcome, what="path.outcome")
    require(
        len(got.xs) == len(expected.xs),
        f"the path holds {len(got.xs)} points, expected {len(expected.xs)}",
        got=got.xs,
        expected=expected.xs,
    )
    assert_close(got.xs, expected.xs, rtol=1e-5, atol=1e-5, what="path.xs")
    scale = max(1.0, float(np.abs(expected.ys[np.isfinite(expected.ys)]).max(initial=0.0)))
    assert_close(got.ys, expected.ys, rtol=1e-4, atol=1e-6 * scale, what="path.ys")


@part("Derivative")
def test_the_slope_is_measured_from_both_sides() -> None:
    """At a number the slope comes from both sides, as a float, right to seven digits."""
    cases: list[tuple[Any, float, float]] = [
        (PARABOLA, 1.0, 5.0),
        (PARABOLA, -1.5, 0.0),
        (CUBE, 2.0, 12.0),
        (Named("sin", np.sin), 0.7, math.cos(0.7)),
        (Named("exp", np.exp), -1.0, math.exp(-1.0)),
        (PARABOLA, 3, 9.0),
    ]
    for f, x, expected in cases:
        got = work.derivative(f, x)
        assert_type(got, (float, np.floating))
        assert_close(got, expected, rtol=1e-7, atol=1e-8)


@part("Derivative")
def test_arrays_are_measured_element_by_element() -> None:
    """Each element of an array gets its slope, whatever shape; integers work, and the array is unchanged."""
    points = rng(1).normal(0.0, 3.0, (2, 3, 2))
    for x in (np.array([1.0, -1.5, 0.0]), points, np.array([], dtype=float), points[0].T):
        expected = 2 * x + 3
        given = x.copy()
        with unchanged(x=given):
            got = work.derivative(PARABOLA, given)
        assert_close(got, expected, rtol=1e-6, atol=1e-7)
        assert_dtype(got, "floating")
    for whole in (np.array([0, 1, 3], dtype=np.uint8), np.array([-2, 0, 100])):
        got = work.derivative(PARABOLA, whole.copy())
        assert_close(got, 2 * whole.astype(float) + 3, rtol=1e-6, atol=1e-7)


@part("Derivative")
def test_the_step_grows_with_x() -> None:
    """The step is h · max(1, |x|) for each element, so that large x keep their digits."""
    assert_close(work.derivative(CUBE, 0.5, h=0.1), 0.75 + 0.1**2)
    assert_close(work.derivative(CUBE, -10.0, h=0.1), 300.0 + 1.0**2)
    assert_close(work.derivative(CUBE, np.array([0.0, 0.5, -10.0]), h=0.1), [0.01, 0.76, 301.0])
    for x in (1e8, -1e8):
        assert_close(work.derivative(PARABOLA, x), 2 * x + 3, rtol=1e-7)


@part("Derivative")
def test_a_step_of_no_size_is_refused() -> None:
    """A step h that is not positive raises ValueError that names h."""
    for h in (0.0, -1e-5, math.nan):
        assert_raises(ValueError, work.derivative, PARABOLA, 1.0, h=h, mentions="h")


@part("Descent")
def test_the_minimum_is_found_from_any_start() -> None:
    """From any start, near or far, left or right, the walk ends at the minimum of a parabola."""
    cases = [(PARABOLA, s, 0.25, -1.5) for s in (4.0, -9.0, 0, 1e6, -1e6)]
    for _ in range(3):
        a, middle = rng(2).uniform(0.2, 3.0), rng(3).normal(0.0, 5.0)
        cases.append((parabola(a, middle), float(rng(4).normal(0.0, 50.0)), 0.3 / a, middle))
    for f, start, rate, minimum in cases:
        got = walked(f, start, rate)
        assert_equal(got.outcome, "converged", what="path.outcome")
        assert_close(got.xs[-1], minimum, rtol=1e-4, atol=1e-5, what="the last of path.xs")


@part("Descent")
def test_each_point_is_one_step_from_the_one_before() -> None:
    """The path begins with the start, and each point is the one before less the rate times its slope."""
    wave = Named("f(x) = cos x + x² / 10", lambda x: np.cos(x) + x**2 / 10)
    for f, start, rate in [
        (PARABOLA, 4.0, 0.25),
        (PARABOLA, 0, 0.7),
        (wave, 0.3, 0.5),
        (parabola(2.0, 1.0), -3.0, 0.1),
    ]:
        assert_same_walk(walked(f, start, rate), slow_walk(f, start, rate))


@part("Descent")
def test_the_walk_ends_for_the_right_reason() -> None:
    """It ends where the slope is within the tolerance, or after max_steps steps, and says which."""
    cases: list[tuple[float, dict[str, Any]]] = [
        (4.0, {"max_steps": 3}),
        (4.0, {"max_steps": 0}),
        (-1.5, {"max_steps": 0}),
        (-1.5, {}),
        (4.0, {"tolerance": 0.5}),
        (4.0, {"tolerance": 11.5}),
        (4.0, {"tolerance": 2.0, "max_steps": 3}),  # arrives with its last step
        (4.0, {"limit": 3.0}),
        (-1.5, {"limit": 1.0}),  # at rest, but beyond the limit
    ]
    for start, settings in cases:
        assert_same_walk(walked(PARABOLA, start, 0.25, **settings), slow_walk(PARABOLA, start, 0.25, **settings))


@part("Descent")
def test_bad_settings_are_refused_by_name() -> None:
    """A rate that is not positive, or a start that is not finite, raises ValueError that names it."""
    for rate in (0.0, -0.1, math.nan):
        assert_raises(ValueError, work.descend, PARABOLA, 1.0, rate, mentions="learning_rate")
    for start in (math.nan, math.inf, -math.inf):
        assert_raises(ValueError, work.descend, PARABOLA, start, 0.1, mentions="start")


@part("Divergence")
def test_a_rate_beyond_the_border_diverges() -> None:
    """Beyond the border, or down a hill, the walk diverges and says so; on the border it hops for ever."""
    for f, start, rate in [
        (PARABOLA, 4.0, 1.2),
        (PARABOLA, -7.0, 1.01),
        (HILL, 1.0, 0.1),
        (parabola(5.0, 2.0), 3.0, 0.3),
    ]:
        assert_same_walk(walked(f, start, rate), slow_walk(f, start, rate))
    hop = walked(PARABOLA, 4.0, 1.0, max_steps=7)
    assert_equal(hop.outcome, "out of steps", what="path.outcome")
    assert_close(hop.xs, [4.0, -7.0] * 4, rtol=1e-5, what="path.xs")
    near = walked(PARABOLA, 4.0, 1.2, limit=50.0)
    assert_same_walk(near, slow_walk(PARABOLA, 4.0, 1.2, limit=50.0))


@part("Divergence")
def test_a_value_that_is_no_number_diverges() -> None:
    """Where f becomes NaN or infinite the walk has diverged, and that point is the last of the path."""
    cliff = Named("f(x) = x, NaN below 0", lambda x: np.where(np.asarray(x) < 0, np.nan, x))
    wall = Named("f(x) = x, infinite below 0", lambda x: np.where(np.asarray(x) < 0, np.inf, x))
    for f in (cliff, wall):
        got = walked(f, 1.2, 0.5)
        assert_equal(got.outcome, "diverged", what="path.outcome")
        assert_close(got.xs, [1.2, 0.7, 0.2, -0.3], rtol=1e-5, what="path.xs")
        assert_equal(walked(f, -1.0, 0.5).outcome, "diverged", what="path.outcome")


@part("Divergence")
def test_the_border_is_estimated() -> None:
    """rate_limit gives 2 / f'': rates a little below converge, a little above diverge; without a bend upwards inf."""
    cases = [(PARABOLA, 0.0, 1.0), (PARABOLA, -1.5, 1.0), (CUBE, 2.0, 1 / 6), (Named("exp", np.exp), 0.0, 2.0)]
    for f, x, expected in cases:
        got = work.rate_limit(f, x)
        assert_type(got, (float, np.floating))
        assert_close(got, expected, rtol=1e-3)
    assert_close(work.rate_limit(Named("f(x) = x⁴", lambda x: x**4), 1.0, h=0.5), 2 / 12.5)
    for flat in (HILL, Named("f(x) = 3x + 1", lambda x: 3 * x + 1), Named("f(x) = 1e-8 x²", lambda x: 1e-8 * x**2)):
        assert_equal(work.rate_limit(flat, 2.0), math.inf, what=f"rate_limit({flat!r}, 2.0)")
    a = float(rng(5).uniform(0.3, 4.0))
    f = parabola(a, 1.0)
    border = as_array(work.rate_limit(f, 0.0), "rate_limit")
    require(walked(f, 3.0, float(border) * 0.9).outcome == "converged", "0.9 times the border should converge")
    require(walked(f, 3.0, float(border) * 1.1).outcome == "diverged", "1.1 times the border should diverge")


def only_axes(figure: Any, what: str) -> Any:
    axes = figure.get_axes()
    require(len(axes) == 1, f"{what} drew {len(axes)} axes, expected one")
    return axes[0]


def line_of(axes: Any, label: str) -> Any:
    found = [line for line in axes.get_lines() if line.get_label() == label]
    require(len(found) == 1, f"expected one line labelled {label!r}, found {len(found)}")
    return found[0]


def legend_texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []


def make_path(f: Callable[[Any], Any], start: float, rate: float, max_steps: int = 1000) -> Any:
    walk = slow_walk(f, start, rate, max_steps)
    path = work.Path(xs=walk.xs, ys=walk.ys, outcome=walk.outcome)
    kept = isinstance(getattr(path, "xs", None), np.ndarray)
    require(kept, "Path(xs, ys, outcome) does not keep its fields; the stub's Path does")
    return path


@part("Figures")
def test_the_curve_is_drawn() -> None:
    """The curve of f is drawn smoothly, from at least 1 left of the path to at least 1 right of it."""
    for f, start, rate, steps in [(PARABOLA, 4.0, 0.15, 1000), (PARABOLA, -1.5, 0.2, 0), (PARABOLA, 1.0, 1.3, 12)]:
        path = make_path(f, start, rate, steps)
        line = line_of(only_axes(as_figure(work.draw_descent(f, path), "draw_descent"), "draw_descent"), "f")
        x, y = (np.asarray(v, dtype=float) for v in line.get_data())
        require(len(x) >= 100, f"the line 'f' has {len(x)} points, expected 100 or more")
        low, high = path.xs.min() - 1, path.xs.max() + 1
        require(
            bool(x.min() <= low + 1e-9 and x.max() >= high - 1e-9),
            "the line 'f' does not reach far enough",
            got=Shown(f"x from {x.min():.4g} to {x.max():.4g}"),
            expected=Shown(f"x from {low:.4g} or less to {high:.4g} or more"),
        )
        assert_close(y, f(x), what="y of the line 'f'")


@part("Figures")
def test_the_path_is_drawn() -> None:
    """The path is drawn through all its points in order, with a marker at each."""
    for start, rate in [(4.0, 0.15), (4.0, 0.95)]:
        path = make_path(PARABOLA, start, rate, 40)
        figure = as_figure(work.draw_descent(PARABOLA, path), "draw_descent")
        line = line_of(only_axes(figure, "draw_descent"), "path")
        assert_close(np.asarray(line.get_xdata(), dtype=float), path.xs, what="x of the line 'path'")
        assert_close(np.asarray(line.get_ydata(), dtype=float), path.ys, what="y of the line 'path'")
        require(str(line.get_marker()) not in ("None", "none", "", " "), "the line 'path' has no markers")
    keep_picture(figure, "descent")


@part("Figures")
def test_the_duel_is_drawn() -> None:
    """Each rate is one line of its slopes over the steps, named by rate and outcome, on a logarithmic axis."""
    for rates, steps in [([0.05, 0.4, 1.0, 1.1], 30), ((1.3, 0.5), 5)]:
        figure = as_figure(work.draw_duel(PARABOLA, 4.0, rates, max_steps=steps), "draw_duel")
        axes = only_axes(figure, "draw_duel")
        lines = axes.get_lines()
        require(len(lines) == len(rates), f"draw_duel drew {len(lines)} lines for {len(rates)} rates")
        for rate, line in zip(rates, lines, strict=True):
            walk = slow_walk(PARABOLA, 4.0, rate, steps)
            label = str(line.get_label())
            require(f"{rate:g}" in label, f"the label of rate {rate:g} does not hold the rate", got=label)
            require(walk.outcome in label, f"the label of rate {rate:g} does not hold the outcome", got=label)
            where = f"the line of rate {rate:g}"
            assert_close(np.asarray(line.get_xdata(), dtype=float), np.arange(len(walk.xs)), what=f"x of {where}")
            slopes = [abs(slow_slope(PARABOLA, x)) for x in walk.xs]
            assert_close(np.asarray(line.get_ydata(), dtype=float), slopes, rtol=1e-4, atol=1e-6, what=f"y of {where}")
        require(axes.get_yscale() == "log", "the y axis must be logarithmic", got=axes.get_yscale())
        keep_picture(figure, f"duel_of_{len(rates)}_rates")
    default = only_axes(as_figure(work.draw_duel(PARABOLA, 4.0, [1.0]), "draw_duel"), "draw_duel").get_lines()
    require(len(default) == 1 and len(default[0].get_xdata()) == 31, "without max_steps draw_duel takes 30 steps")


@part("Figures")
def test_the_figures_can_be_read() -> None:
    """Both figures name their axes, have a legend, and are new at each call; the title tells how the walk ended."""
    path = make_path(PARABOLA, 4.0, 0.3, 6)
    descent = as_figure(work.draw_descent(PARABOLA, path), "draw_descent")
    axes = only_axes(descent, "draw_descent")
    assert_equal([axes.get_xlabel(), axes.get_ylabel()], ["x", "f(x)"], what="the axis labels of draw_descent")
    for label in ("f", "path"):
        require(label in legend_texts(axes), f"the legend of draw_descent lacks {label!r}", got=legend_texts(axes))
    title = str(axes.get_title() or descent.get_suptitle())
    numbers = "".join(c if c.isdigit() else " " for c in title).split()
    require("out of steps" in title and "6" in numbers, "the title lacks 'out of steps' or the 6 steps", got=title)
    duel = as_figure(work.draw_duel(PARABOLA, 4.0, [0.1, 0.2]), "draw_duel")
    axes = only_axes(duel, "draw_duel")
    require("step" in axes.get_xlabel().lower(), "the x label of draw_duel lacks 'step'", got=axes.get_xlabel())
    require("slope" in axes.get_ylabel().lower(), "the y label of draw_duel lacks 'slope'", got=axes.get_ylabel())
    require(len(legend_texts(axes)) == 2, "the legend of draw_duel should name two rates", got=legend_texts(axes))
    again = as_figure(work.draw_descent(PARABOLA, path), "draw_descent")
    require(again is not descent and again is not duel, "a second call drew on an earlier figure")
    for label in ("f", "path"):
        line_of(only_axes(again, "draw_descent"), label)
