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
    assert_equal,
    assert_shape,
    keep_picture,
    learner,
    part,
    require,
    rng,
    unchanged,
)

work = learner("descent_duel")
Array = NDArray[Any]


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
BOWL = Named("f(x) = x²", lambda x: x**2)
HILL = Named("f(x) = -x²", lambda x: -(x**2))
CUBE = Named("f(x) = x³", lambda x: x**3)
LINE = Named("f(x) = 3x + 1", lambda x: 3 * x + 1)
FLAT = Named("f(x) = 2", lambda x: 0 * x + 2.0)


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
        if not math.isfinite(y) or abs(x) > limit:
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
    """The learner's path as a plain record."""
    require(path is not None, "descend returned None; is a return missing?")
    xs, ys = (as_array(getattr(path, name, None), f"path.{name}") for name in ("xs", "ys"))
    require(xs.ndim == 1 and len(xs) > 0, "path.xs must hold the start and every point after it", got=xs)
    assert_shape(ys, xs.shape, what="path.ys")
    return Walk(xs, ys, getattr(path, "outcome", ""))


def assert_ends(f: Any, start: float, rate: float, **settings: Any) -> None:
    """The outcome is right, and so are the number of points and the last one."""
    expected = slow_walk(f, start, rate, **settings)
    got = looked_at(work.descend(f, start, rate, **settings))
    assert_equal(got.outcome, expected.outcome, what="path.outcome")
    told, wanted = (Shown(f"{len(walk.xs)} points, the last is {walk.xs[-1]:g}") for walk in (got, expected))
    require(len(got.xs) == len(expected.xs), "path.xs has another number of points", got=told, expected=wanted)
    assert_close(got.xs[-1], expected.xs[-1], rtol=1e-5, atol=1e-5, what="the last point of path.xs")


@part("Derivative")
def test_the_slope_is_measured_from_both_sides() -> None:
    """1. At a number the slope is measured from both sides, over h to each."""
    for x in (0.5, -1.0, 0.0):
        # The central difference of x³ is 3x² + s², whatever s: the formula itself is seen.
        expected = 3 * x**2 + 0.1**2
        assert_close(work.derivative(CUBE, x, 0.1), expected)
    cases = [(PARABOLA, 1.0, 5.0), (PARABOLA, -1.5, 0.0), (Named("exp", np.exp), -1.0, math.exp(-1.0)), (BOWL, 3, 6.0)]
    for f, x, slope in cases:
        assert_close(work.derivative(f, x), slope, rtol=1e-7, atol=1e-8)


@part("Derivative")
def test_the_step_grows_with_x() -> None:
    """1. The step is h · max(1, |x|), so that a large x, on either side, keeps its digits."""
    for x in (10.0, -10.0):
        expected = 300.0 + 1.0**2
        assert_close(work.derivative(CUBE, x, 0.1), expected)
    for x in (1e8, -1e8):
        assert_close(work.derivative(PARABOLA, x), 2 * x + 3, rtol=1e-7)


@part("Derivative")
def test_arrays_are_measured_element_by_element() -> None:
    """2. Each element of an array gets its slope, by a step of its own, in the shape of the array."""
    points = rng(1).normal(0.0, 3.0, (2, 3, 2))
    for x in (np.array([1.0, -1.5]), np.array([[0.0, 0.5, -10.0]]), points, points[0].T, np.zeros(0)):
        expected = 3 * x**2 + (0.1 * np.maximum(1.0, np.abs(x))) ** 2
        assert_close(work.derivative(CUBE, x.copy(), 0.1), expected)


@part("Derivative")
def test_whole_numbers_have_slopes() -> None:
    """3. An array of integers is computed in floats: nothing wraps around or is cut off."""
    for whole in (np.array([0, 1, 200], dtype=np.uint8), np.array([-2, 0, 100]), np.array([-100, 5], dtype=np.int8)):
        expected = 2 * whole.astype(float) + 3
        assert_close(work.derivative(PARABOLA, whole.copy()), expected, rtol=1e-6, atol=1e-7)


@part("Derivative")
def test_the_array_stays_as_it_was() -> None:
    """3. The array that is passed in stays as it was."""
    for x in (np.array([1.0, -1.5, 0.1]), np.array([[0.3, 1e3], [7.7, -0.2]])):
        with unchanged(x=x):
            work.derivative(PARABOLA, x)


@part("Descent")
def test_each_point_is_one_step_from_the_one_before() -> None:
    """4. xs begins with the start, and each point is the one before less the rate times its slope; ys is f there."""
    wave = Named("f(x) = cos x + x² / 10", lambda x: np.cos(x) + x**2 / 10)
    for f, start, rate in ((PARABOLA, 4.0, 0.25), (PARABOLA, 4, 0.2), (wave, 6.0, 0.3), (parabola(2.0, 1.0), 3.0, 0.1)):
        # Only the first points: where the walk ends is the matter of the checks of its ends.
        expected = slow_walk(f, start, rate, max_steps=3, tolerance=0.0)
        got = looked_at(work.descend(f, start, rate, max_steps=10, tolerance=1e-12))
        assert_close(got.xs[:4], expected.xs, rtol=1e-5, atol=1e-5, what="the first points of path.xs")
        assert_close(got.ys[:4], expected.ys, rtol=1e-5, atol=1e-5, what="the first values of path.ys")


@part("Descent")
def test_the_walk_ends_after_max_steps() -> None:
    """6. After max_steps steps, 1000 by default, the walk is out of steps; it has one point more."""
    for max_steps in (1, 7, 0):
        assert_ends(PARABOLA, 4.0, 0.25, max_steps=max_steps)
    assert_ends(PARABOLA, 4.0, 1e-5)


@part("Descent")
def test_the_minimum_is_found_from_any_start() -> None:
    """5. From any start, near or far, left or right, the walk converges at the minimum of a parabola."""
    cases = [(PARABOLA, s, 0.25, -1.5) for s in (4.0, -9.0, 0, 1e6, -1e6)]
    for case in range(3):
        a, middle, start = rng(2 + case).uniform([0.2, -9.0, -50.0], [3.0, 9.0, 50.0]).tolist()
        cases.append((parabola(a, middle), start, 0.3 / a, middle))
    for f, start, rate, minimum in cases:
        got = looked_at(work.descend(f, start, rate))
        assert_equal(got.outcome, "converged", what="path.outcome")
        assert_close(got.xs[-1], minimum, rtol=1e-4, atol=1e-5, what="the last point of path.xs")


@part("Descent")
def test_the_walk_converges_where_the_slope_is_small() -> None:
    """5. The walk converges at the first point whose slope is within the tolerance, the start and the last too."""
    assert_ends(PARABOLA, -1.5, 0.25)
    assert_ends(PARABOLA, -1.5, 0.25, max_steps=0)
    assert_ends(FLAT, 3.0, 0.25, tolerance=0.0)
    for start in (4.0, -7.0):
        assert_ends(PARABOLA, start, 0.25, tolerance=0.5)
        assert_ends(PARABOLA, start, 0.25, tolerance=11.5)
        assert_ends(PARABOLA, start, 0.25, tolerance=2.0, max_steps=3)  # arrives with its last step


@part("Divergence")
def test_a_walk_beyond_the_limit_has_diverged() -> None:
    """7. Where |x| is above the limit the walk has diverged, even if the slope is small or the steps are at an end."""
    assert_ends(PARABOLA, 4.0, 0.25, limit=3.0)
    assert_ends(PARABOLA, 4.0, 0.25, limit=4.0)
    assert_ends(PARABOLA, 4.0, 1.2, limit=10.0)
    assert_ends(LINE, 0.0, 1.0, limit=6.0)
    assert_ends(PARABOLA, -1.5, 0.25, limit=1.0)
    assert_ends(PARABOLA, 4.0, 1.2, max_steps=1, limit=5.0)
    assert_ends(PARABOLA, 4.0, 1.2, max_steps=3)  # f rises, but |x| is not above the limit yet
    for f, start, rate in ((PARABOLA, 4.0, 1.2), (PARABOLA, -7.0, 1.01), (HILL, 1.0, 0.1), (parabola(5, 2), 3.0, 0.3)):
        assert_ends(f, start, rate)


@part("Divergence")
def test_a_walk_without_a_value_has_diverged() -> None:
    """7. Where f becomes NaN or infinite the walk has diverged, and that point is the last."""
    cliff = Named("f(x) = x, NaN below 0", lambda x: np.where(np.asarray(x) < 0, np.nan, x))
    wall = Named("f(x) = x, infinite below 0", lambda x: np.where(np.asarray(x) < 0, np.inf, x))
    pit = Named("f(x) = x, minus infinity below 0", lambda x: np.where(np.asarray(x) < 0, -np.inf, x))
    for f in (cliff, wall, pit):
        assert_ends(f, -1.0, 0.5)
        assert_ends(f, 1.2, 0.5)


@part("Divergence")
def test_the_border_is_measured() -> None:
    """8. rate_limit returns 2 / f'', right to 0.1 %: at a large x, too, and a walk beyond it diverges."""
    exp = Named("exp", np.exp)
    cases = [
        (PARABOLA, 0.0, 1.0),
        (PARABOLA, -1.5, 1.0),
        (CUBE, 2.0, 1 / 6),
        (exp, 0.0, 2.0),
        (exp, -2.0, 2 * math.e**2),
    ]
    # Far above 0 the values of f round at 1e-11: a second difference by a step of 1e-5 is off by percents.
    high = Named("f(x) = x² + 100000", lambda x: x**2 + 1e5)
    cases += [(high, 0.0, 1.0), (high, 0.7, 1.0)]
    cases += [(PARABOLA, 1e3, 1.0), (PARABOLA, 1e6, 1.0), (parabola(0.05, 3.0), -1e6, 20.0)]
    for f, x, expected in cases:
        assert_close(work.rate_limit(f, x), expected, rtol=1e-3)
    a = float(rng(5).uniform(0.3, 4.0))
    f = parabola(a, 1.0)
    border = float(as_array(work.rate_limit(f, 3.0), "rate_limit"))
    assert_close(border, 1 / a, rtol=1e-3)
    for share, outcome in ((0.9, "converged"), (1.1, "diverged")):
        got = looked_at(work.descend(f, 3.0, share * border))
        assert_equal(got.outcome, outcome, what=f"the outcome at {share} times the border")


@part("Divergence")
def test_no_border_without_a_bend() -> None:
    """9. Where f'' is below 1e-6, on a hill, a line, or nearly a line, rate_limit returns math.inf."""
    for f in (LINE, HILL, Named("f(x) = 1e-8 x²", lambda x: 1e-8 * x**2)):
        assert_equal(work.rate_limit(f, 2.0), math.inf)


def the_axes(got: Any, what: str, seen: list[Any]) -> Any:
    """The only axes of a figure that was not seen before."""
    figure = as_figure(got, what)
    require(all(figure is not other for other in seen), f"a second call of {what} drew on an earlier figure")
    seen.append(figure)
    require(len(figure.get_axes()) == 1, f"{what} must draw one axes", got=len(figure.get_axes()))
    return figure.get_axes()[0]


def line_of(axes: Any, label: str) -> Any:
    found = [line for line in axes.get_lines() if line.get_label() == label]
    require(len(found) == 1, f"expected one line labelled {label!r}, found {len(found)}")
    return found[0]


def points_of(line: Any) -> tuple[Array, Array]:
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    return x, y


def legend_of(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []


@part("Figures")
def test_the_curve_is_drawn() -> None:
    """10. The curve of f is a line from at least 1 left of the path to at least 1 right of it, in a new figure."""
    seen: list[Any] = []
    for start, rate, steps in ((-1.5, 0.2, 0), (4.0, 0.15, 1000), (1.0, 1.3, 12)):
        path = work.descend(PARABOLA, start, rate, steps)
        xs = looked_at(path).xs
        x, y = points_of(line_of(the_axes(work.draw_descent(PARABOLA, path), "draw_descent", seen), "f"))
        require(len(x) >= 100, "the line 'f' must have 100 points or more", got=len(x))
        low, high = xs.min() - 1, xs.max() + 1
        require(
            bool(x.min() <= low + 1e-9 and x.max() >= high - 1e-9),
            "the line 'f' does not reach far enough",
            got=Shown(f"x from {x.min():.4g} to {x.max():.4g}"),
            expected=Shown(f"x from {low:.4g} or less to {high:.4g} or more"),
        )
        assert_close(y, PARABOLA(x), what="y of the line 'f'")


@part("Figures")
def test_the_path_is_drawn() -> None:
    """10. The path is a line through all its points in order, with a marker at each."""
    for start, rate, steps in ((4.0, 0.95, 3), (4.0, 0.15, 40)):
        path = work.descend(PARABOLA, start, rate, steps)
        xs = looked_at(path).xs
        axes = the_axes(work.draw_descent(PARABOLA, path), "draw_descent", [])
        x, y = points_of(line_of(axes, "path"))
        assert_close(x, xs, what="x of the line 'path'")
        assert_close(y, PARABOLA(xs), rtol=1e-6, atol=1e-6, what="y of the line 'path'")
        marker = str(line_of(axes, "path").get_marker())
        require(marker not in ("None", "none", "", " "), "the line 'path' has no markers")
    keep_picture(axes.figure, "descent")


@part("Figures")
def test_the_picture_of_the_path_can_be_read() -> None:
    """10. A legend names both lines, and the title tells how the walk ended and after how many steps."""
    for rate, steps in ((0.3, 6), (0.25, 1000), (1.3, 1000)):
        path = work.descend(PARABOLA, 4.0, rate, steps, limit=50.0)
        outcome, n_steps = looked_at(path).outcome, len(looked_at(path).xs) - 1
        axes = the_axes(work.draw_descent(PARABOLA, path), "draw_descent", [])
        named = legend_of(axes)
        require({"f", "path"} <= set(named), "the legend of draw_descent must name f and path", got=named)
        title = str(axes.get_title() or axes.figure.get_suptitle())
        numbers = "".join(c if c.isdigit() else " " for c in title).split()
        told = Shown(f"a title with {outcome!r} and {n_steps}")
        holds = outcome in title and str(n_steps) in numbers
        require(holds, "the title lacks the outcome or the number of steps", got=title, expected=told)


@part("Figures")
def test_the_duel_is_drawn() -> None:
    """11. Each rate is one line, in order: the sizes of its slopes over the steps, on a logarithmic y axis."""
    seen: list[Any] = []
    for rates, steps in (((1.3, 0.5), 3), ([0.4, 0.05, 1.0, 1.1], 30)):
        figure = work.draw_duel(PARABOLA, 4.0, rates, steps) if steps != 30 else work.draw_duel(PARABOLA, 4.0, rates)
        axes = the_axes(figure, "draw_duel", seen)
        lines = axes.get_lines()
        require(len(lines) == len(rates), "draw_duel must draw one line for each rate", got=len(lines))
        for rate, line in zip(rates, lines, strict=True):
            walk = slow_walk(PARABOLA, 4.0, rate, steps)
            where = f"the line of rate {rate:g}"
            x, y = points_of(line)
            assert_close(x, np.arange(len(walk.xs)), what=f"x of {where}")
            slopes = [abs(slow_slope(PARABOLA, point)) for point in walk.xs]
            assert_close(y, slopes, rtol=1e-4, atol=1e-6, what=f"y of {where}")
        scales = [str(axes.get_xscale()), str(axes.get_yscale())]
        require(scales[1] == "log", "the y axis must be logarithmic", got=scales[1], expected="log")
    keep_picture(axes.figure, "duel_of_4_rates")


@part("Figures")
def test_the_rates_of_the_duel_are_named() -> None:
    """11. The label of each line holds its rate and how the walk ended, and a legend shows it."""
    rates = [0.001, 0.5, 1.25]
    axes = the_axes(work.draw_duel(PARABOLA, 4.0, rates, max_steps=150), "draw_duel", [])
    named = legend_of(axes)
    for rate, line in zip(rates, axes.get_lines(), strict=False):
        label, outcome = str(line.get_label()), slow_walk(PARABOLA, 4.0, rate, 150).outcome
        told = Shown(f"a label with {rate:g} and {outcome!r}")
        holds = f"{rate:g}" in label and outcome in label
        require(
            holds, f"the label of the line of rate {rate:g} lacks the rate or the outcome", got=label, expected=told
        )
        require(label in named, f"the legend does not name the line of rate {rate:g}", got=named)
