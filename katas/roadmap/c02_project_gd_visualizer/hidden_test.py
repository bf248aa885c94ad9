"""Hidden test of c02_project_gd_visualizer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    fail,
    keep_picture,
    learner,
    require,
    rng,
    temporary_folder,
    unchanged,
)

work = learner("descent_film")
Array = NDArray[Any]

BOWL = [2.0, 3.0, 1.0]
WALK = [4.0, -3.0, 1.25, -0.125, -2.0, -1.5, -1.5]


def plain_value(coefficients: list[float], x: float) -> float:
    return sum(c * x**k for k, c in enumerate(coefficients))


def heights(coefficients: list[float], xs: Any) -> list[float]:
    return [plain_value(coefficients, float(x)) for x in xs]


def assert_refuses(name: str, function: Any, *args: Any) -> None:
    """ValueError whose message holds the argument's name as a word of its own."""
    error = assert_raises(ValueError, function, *args)
    named = re.search(rf"(?<!\w){name}(?!\w)", str(error)) is not None
    require(named, f"the message does not name {name}", got=Shown(f"ValueError: {error}"))


def axes_of(got: Any) -> Any:
    figure = as_figure(got, "draw_frame")
    require(len(figure.axes) == 1, f"draw_frame drew {len(figure.axes)} axes, expected one")
    return figure.axes[0]


def line(axes: Any, label: str) -> tuple[Any, Array, Array]:
    found = [one for one in axes.lines if one.get_label() == label]
    labels = [str(one.get_label()) for one in axes.lines]
    require(len(found) == 1, f"expected one line labelled {label!r}", got=labels)
    return found[0], np.asarray(found[0].get_xdata(), dtype=float), np.asarray(found[0].get_ydata(), dtype=float)


def frames_of(path: Path, fps: int) -> list[Array]:
    """The pictures of a GIF as (height, width, 3), one for each 1/fps seconds: Pillow merges equal ones."""
    from PIL import Image, ImageSequence

    require(path.is_file(), "no film was written")
    frames: list[Array] = []
    with Image.open(path) as film:
        require(film.format == "GIF", "the film is not a GIF", got=film.format)
        for frame in ImageSequence.Iterator(film):
            time_ms = frame.info.get("duration", 0)
            n = round(time_ms * fps / 1000)
            require(
                n >= 1 and abs(n * 1000 - time_ms * fps) < 1e-6,
                f"frame {len(frames)} is shown for {time_ms} ms",
                got=Shown(f"{time_ms} ms"),
                expected=Shown(f"{1000 // fps} ms, at {fps} frames a second"),
            )
            frames += [np.asarray(frame.convert("RGB")).astype(np.int16)] * n
    return frames


def red_spot(picture: Array, number: int) -> tuple[float, float]:
    """Column and row of the middle of all red pixels."""
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    rows, columns = np.nonzero((red > 170) & (red - green > 110) & (red - blue > 110))
    require(len(rows) >= 12, f"frame {number} of the film shows no red point")
    middle = columns.mean(), rows.mean()
    far = max(abs(columns - middle[0]).max(), abs(rows - middle[1]).max())
    require(far < max(25.0, 0.08 * picture.shape[1]), f"frame {number} of the film is red in more than one place")
    return float(middle[0]), float(middle[1])


def assert_follows(path: Path, coefficients: list[float], xs: list[float], fps: int, call: str) -> None:
    """Frame after frame the red point stands where the walk is: pixels are a straight-line function of the values."""
    with calling(call):
        frames = frames_of(path, fps)
        n_got, n = len(frames), len(xs)
        if n_got != n:
            told = f"the film lasts {n_got} times 1/{fps} s for a walk of {n} points"
            fail(told, got=Shown(f"{n_got / fps:g} s"), expected=Shown(f"{n / fps:g} s"))
        spots = np.array([red_spot(frame, i) for i, frame in enumerate(frames)])
        for place, values, sign, name in ((0, xs, 1, "x"), (1, heights(coefficients, xs), -1, "f(x)")):
            slope, offset = np.polyfit(values, spots[:, place], 1)
            gaps = np.abs(slope * np.asarray(values) + offset - spots[:, place])
            worst = int(gaps.argmax())
            require(
                bool(slope * sign > 0) and bool(gaps.max() < 3.0),
                f"the red point does not follow {name} of the walk on one fixed scale, worst in frame {worst}",
                got=Shown(f"{gaps.max():.0f} pixels off"),
                expected=Shown(f"the place of {name} = {values[worst]:.4g}"),
            )


def filmed(call: str, make: Callable[[Path], Any], look: Callable[[Path, Any], None]) -> None:
    with temporary_folder() as folder:
        path = folder / "film.gif"
        with calling(call):
            got = make(path)
        look(path, got)


def test_slope_and_function_compared() -> None:
    """slope_error gives the largest gap between the slopes and those measured from both sides."""
    cases: list[tuple[list[float], list[float], list[float], float]] = [
        ([0.0, 0.0, 1.0], [0.0, 1.0], [1.0, -3.0, 2.0], 0.1),
        ([0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 3.0], [2.0, -1.0], 0.5),
        ([1.0, -2.0, 0.0, 0.5], [-2.0, 1.0, 1.5], [-2.0], 0.25),
        ([5.0], [0.0], [1.0, 2.0], 0.1),
    ]
    for coefficients, slopes, xs, h in cases:
        gaps = []
        for x in xs:
            measured = (plain_value(coefficients, x + h) - plain_value(coefficients, x - h)) / (2 * h)
            gaps.append(abs(plain_value(slopes, x) - measured))
        with unchanged(xs=xs):
            got = work.slope_error(list(coefficients), list(slopes), xs, h)
        assert_type(got, float)
        assert_close(got, max(gaps), rtol=1e-9, atol=1e-9)


def test_right_slopes_are_told_from_wrong_ones() -> None:
    """With its own step, slope_error is tiny for the right derivative and not for another function's."""
    for case in range(3):
        c = rng(case).uniform(-2.0, 2.0, 4).tolist()
        xs = rng(10 + case).uniform(-3.0, 3.0, 20).tolist()
        right = [c[1], 2 * c[2], 3 * c[3]]
        got = float(as_array(work.slope_error(c, right, xs)))
        require(got < 1e-6, "the derivative is right, but the gap is large", got=got, expected=Shown("below 1e-6"))
        assert_close(work.slope_error(c, [right[0] + 0.5, *right[1:]], xs), 0.5, rtol=0, atol=1e-6)


def test_the_curve() -> None:
    """The line f is the curve, in 100 points or more, from left of the smallest of all xs to right of the largest."""
    for coefficients, xs, step in ((BOWL, WALK, 0), ([1.0, 0.0, -2.0, 0.0, 1.0], [0.3, 0.5], 1), (BOWL, [2.0], 0)):
        _, x, y = line(axes_of(work.draw_frame(coefficients, list(xs), step)), "f")
        require(len(x) >= 100, f"the curve has {len(x)} points, expected 100 or more")
        reach = Shown(f"{x.min():.4g} to {x.max():.4g}")
        require(bool(x.min() < min(xs) and x.max() > max(xs)), "the curve does not reach beyond the walk", got=reach)
        assert_close(y, heights(coefficients, x), what="the curve")


def test_path_and_point() -> None:
    """The line path goes through xs[0] to xs[step] on the curve, in order, and the red point stands at xs[step]."""
    from matplotlib.colors import to_rgb

    for step in (0, 4, 6):
        walk = list(WALK)
        with unchanged(xs=walk):
            axes = axes_of(work.draw_frame(BOWL, walk, step))
        _, x, y = line(axes, "path")
        assert_close(x, WALK[: step + 1], what="x of the path")
        assert_close(y, heights(BOWL, WALK[: step + 1]), what="y of the path")
        point, x, y = line(axes, "point")
        assert_close(x, [WALK[step]], what="x of the point")
        assert_close(y, heights(BOWL, [WALK[step]]), what="y of the point")
        marker = point.get_marker()
        require(marker not in (None, "", " ", "None", ","), "the point has no marker", got=marker)
        assert_equal(to_rgb(point.get_markerfacecolor()), (1.0, 0.0, 0.0), what="the colour of the point")
        require(bool(point.get_markersize() >= 8), "the point is too small to be seen", got=point.get_markersize())
        # Of equal zorder the line that was plotted last lies on top.
        heaped = sorted(axes.lines, key=lambda one: float(one.get_zorder()))
        require(
            heaped[-1] is point,
            "another line is drawn over the point",
            got=[f"{one.get_label()}, zorder {one.get_zorder():g}" for one in heaped],
            expected=Shown("point as the last one"),
        )


def test_the_axes_stand_still() -> None:
    """Every step has the same limits with the whole walk within them, and tells its number in the title."""
    for xs in (WALK[:3], [0.5]):
        seen = set()
        for step in range(len(xs)):
            axes = axes_of(work.draw_frame(BOWL, list(xs), step))
            (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
            seen.add((left, right, bottom, top))
            inside = all(left <= x <= right for x in xs) and all(bottom <= y <= top for y in heights(BOWL, xs))
            shown = [float(v) for v in (left, right, bottom, top)]
            require(inside, "a point of the walk lies outside the limits", got=shown)
            title = axes.get_title()
            require(
                re.search(rf"step {step}(?!\d)", title, re.IGNORECASE) is not None,
                f"the title lacks `step {step}`",
                got=title,
            )
        require(len(seen) == 1, f"{len(xs)} steps of one walk have {len(seen)} different limits")


def test_no_such_step() -> None:
    """A step that is not one of the walk's raises ValueError that names step; empty xs one that names xs."""
    for step in (-1, 2, 7):
        assert_refuses("step", work.draw_frame, BOWL, [1.0, 2.0], step)
    assert_refuses("xs", work.draw_frame, BOWL, [], 0)
    assert_refuses("xs", work.slope_error, BOWL, [3.0, 2.0], [])
    with temporary_folder() as folder:
        assert_refuses("xs", work.save_film, BOWL, [], folder / "film.gif")


def test_the_film_follows_the_walk() -> None:
    """The film has one frame for each point, from the start to the last, with the red point where the walk is."""

    def look(path: Path, _: Any) -> None:
        require(path.is_file(), "no film was written")
        keep_picture(path, "a_walk")
        assert_follows(path, BOWL, walk, 5, call)

    walk = [4.0, -3.0, 1.25, 1.25]
    call = f"save_film({BOWL}, {walk}, path)"
    filmed(call, lambda path: work.save_film(BOWL, list(walk), path), look)


def test_time_of_the_film() -> None:
    """Each frame lasts 1/fps seconds, and the film starts again for ever."""
    from PIL import Image

    xs = [1.0, -0.5]

    def look(path: Path, _: Any) -> None:
        assert_follows(path, [0.0, 1.0, 2.0], xs, 20, call)
        with Image.open(path) as film:
            loop = film.info.get("loop")
            require(
                loop == 0, "the film does not start again for ever", got=Shown(f"loop {loop}"), expected=Shown("loop 0")
            )

    call = f"save_film([0.0, 1.0, 2.0], {xs}, path, fps=20)"
    filmed(call, lambda path: work.save_film([0.0, 1.0, 2.0], list(xs), path, fps=20), look)


def test_a_descent_is_filmed() -> None:
    """film_descent walks by descend, films every point of it, and gives the Descent; path may be a text."""
    for rate, max_steps, outcome in ((0.8, 2, "slow"), (0.5, 20, "converges")):
        expected = [4.0]
        while len(expected) <= max_steps and abs(3 + 2 * expected[-1]) > 1e-6:
            expected.append(expected[-1] - rate * (3 + 2 * expected[-1]))
        call = f"film_descent({BOWL}, 4.0, {rate}, path, max_steps={max_steps}, fps=10)"

        def make(path: Path, rate: float = rate, max_steps: int = max_steps) -> Any:
            return work.film_descent(BOWL, 4.0, rate, str(path), max_steps=max_steps, fps=10)

        def look(
            path: Path, got: Any, expected: list[float] = expected, outcome: str = outcome, call: str = call
        ) -> None:
            assert_type(getattr(got, "xs", None), list, what="the xs of film_descent")
            assert_close(got.xs, expected, what="the xs of film_descent")
            assert_equal(getattr(got, "outcome", None), outcome, what="the outcome of film_descent")
            assert_follows(path, BOWL, expected, 10, call)
            keep_picture(path, f"descent_{outcome}")

        filmed(call, make, look)


def test_no_film_of_a_flight() -> None:
    """A walk that diverges raises ValueError that names learning_rate, and nothing is written."""
    with temporary_folder() as folder:
        path = folder / "away.gif"
        assert_refuses("learning_rate", work.film_descent, BOWL, 4.0, 1.5, path, 200)
        require(not list(folder.iterdir()), "a file was written although the walk diverges")


def test_times_that_gif_cannot_tell() -> None:
    """An fps that is no whole number, or does not divide 100, raises ValueError that names fps."""
    with temporary_folder() as folder:
        for fps in (0, -5, 3, 30, 200, 2.5):
            assert_refuses("fps", work.save_film, BOWL, [1.0, 2.0], folder / "film.gif", fps)


def test_nothing_stays_open() -> None:
    """The figures open in pyplot are those of before: none of a picture or a film stays, and no other is closed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    own = plt.figure()
    try:
        before = set(plt.get_fignums())
        axes_of(work.draw_frame(BOWL, [1.0, 2.0], 1))
        filmed("save_film", lambda path: work.save_film(BOWL, [1.0], path), lambda path, _: frames_of(path, 5) and None)
        after = set(plt.get_fignums())
    finally:
        plt.close(own)
    require(after <= before, f"{len(after - before)} figures stay open in pyplot")
    require(before <= after, "a figure that was open in pyplot before was closed; close only what you opened")
