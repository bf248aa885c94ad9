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
    as_figure,
    assert_close,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    keep_picture,
    learner,
    require,
    rng,
    temporary_folder,
)

work = learner("descent_film")
Array = NDArray[Any]

BOWL = [2.0, 3.0, 1.0]
WALK = [4.0, -3.0, 1.25, -0.125, -2.0, -1.5, -1.5]


def plain_value(coefficients: list[float], x: float) -> float:
    return sum(c * x**k for k, c in enumerate(coefficients))


def heights(coefficients: list[float], xs: Any) -> list[float]:
    return [plain_value(coefficients, float(x)) for x in xs]


def axes_of(got: Any, seen: list[Any]) -> Any:
    """The only axes of a figure that was not seen before."""
    figure = as_figure(got, "draw_frame")
    require(all(figure is not other for other in seen), "a second call of draw_frame drew on an earlier figure")
    seen.append(figure)
    require(len(figure.axes) == 1, "draw_frame must draw one axes", got=len(figure.axes))
    return figure.axes[0]


def line(axes: Any, label: str) -> tuple[Any, Array, Array]:
    found = [one for one in axes.lines if one.get_label() == label]
    labels = [str(one.get_label()) for one in axes.lines]
    require(len(found) == 1, f"expected one line labelled {label!r}", got=labels)
    return found[0], np.asarray(found[0].get_xdata(), dtype=float), np.asarray(found[0].get_ydata(), dtype=float)


def frames_of(path: Path, fps: int | None) -> list[Array]:
    """The pictures of a GIF as (height, width, 3), one for each 1/fps seconds: Pillow merges equal ones.

    fps: None takes the time of the shortest frame for the unit, whatever it is.
    """
    from PIL import Image, ImageSequence

    require(path.is_file(), "no film was written")
    pictures: list[Array] = []
    times_ms: list[float] = []
    with Image.open(path) as film:
        require(film.format == "GIF", "the film is not a GIF", got=film.format)
        for frame in ImageSequence.Iterator(film):
            times_ms.append(float(frame.info.get("duration", 0)))
            pictures.append(np.asarray(frame.convert("RGB")).astype(np.int16))
    unit_ms = 1000 / fps if fps else max(1.0, min(times_ms))
    frames: list[Array] = []
    for picture, time_ms in zip(pictures, times_ms, strict=True):
        n = round(time_ms / unit_ms)
        if fps and (n < 1 or abs(n * unit_ms - time_ms) > 1e-6):
            wanted = Shown(f"{unit_ms:g} ms, at {fps} frames a second")
            fail(f"frame {len(frames)} is not shown for 1/fps seconds", got=Shown(f"{time_ms:g} ms"), expected=wanted)
        frames += [picture] * max(1, n)
    return frames


def red_spot(picture: Array, number: int) -> tuple[float, float]:
    """Column and row of the middle of all pixels in pure red, or as good as that: neither orange nor "tab:red"."""
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    rows, columns = np.nonzero((red > 225) & (green < 70) & (blue < 70))
    require(len(rows) >= 12, f"frame {number} of the film shows no point in pure red")
    middle = columns.mean(), rows.mean()
    far = max(abs(columns - middle[0]).max(), abs(rows - middle[1]).max())
    require(far < max(25.0, 0.08 * picture.shape[1]), f"frame {number} of the film is pure red in more than one place")
    return float(middle[0]), float(middle[1])


def assert_follows(path: Path, coefficients: list[float], xs: list[float], fps: int | None, call: str) -> None:
    """Frame after frame the red point stands where the walk is: pixels are a straight-line function of the values."""
    with calling(call):
        frames = frames_of(path, fps)
        n_got, n = len(frames), len(xs)
        if n_got != n:
            got, expected = (f"{one} frames" + (f", {one / fps:g} s" if fps else "") for one in (n_got, n))
            fail(
                "the film has another number of frames than the walk has points",
                got=Shown(got),
                expected=Shown(expected),
            )
        spots = np.array([red_spot(frame, i) for i, frame in enumerate(frames)])
        for place, values, sign, name in ((0, xs, 1, "x"), (1, heights(coefficients, xs), -1, "f(x)")):
            moved = float(np.ptp(spots[:, place]))
            require(moved > 20.0, f"the red point does not move along {name}", got=Shown(f"{moved:.0f} pixels in all"))
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
    """slope_error returns the largest gap between the slopes and those measured from both sides."""
    cases: list[tuple[list[float], list[float], list[float], float]] = [
        ([0.0, 0.0, 1.0], [0.0, 1.0], [1.0], 0.1),
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
        expected = max(gaps)
        assert_close(work.slope_error(list(coefficients), list(slopes), list(xs), h), expected, rtol=1e-9, atol=1e-9)
    for case in range(3):
        c, xs = rng(case).uniform(-2.0, 2.0, 4).tolist(), rng(10 + case).uniform(-3.0, 3.0, 20).tolist()
        right = [c[1], 2 * c[2], 3 * c[3]]
        assert_close(work.slope_error(list(c), right, list(xs)), 0.0, rtol=0.0, atol=1e-6)


def test_the_curve() -> None:
    """The line f is the curve, in 100 points or more, from left of the smallest of all xs to right of the largest."""
    seen: list[Any] = []
    for coefficients, xs, step in ((BOWL, [2.0], 0), (BOWL, WALK, 0), ([1.0, 0.0, -2.0, 0.0, 1.0], [0.3, 0.5], 1)):
        _, x, y = line(axes_of(work.draw_frame(coefficients, list(xs), step), seen), "f")
        require(len(x) >= 100, "the line 'f' must have 100 points or more", got=len(x))
        reach, wanted = Shown(f"{x.min():.4g} to {x.max():.4g}"), Shown(f"beyond {min(xs):g} and {max(xs):g}")
        beyond = bool(x.min() < min(xs) and x.max() > max(xs))
        require(beyond, "the curve does not reach beyond the walk on both sides", got=reach, expected=wanted)
        assert_close(y, heights(coefficients, x), what="the curve")


def test_the_path() -> None:
    """The line path goes through xs[0] to xs[step] on the curve, in order."""
    for step in (0, 1, 4, 6):
        expected = WALK[: step + 1]
        _, x, y = line(axes_of(work.draw_frame(BOWL, list(WALK), step), []), "path")
        assert_close(x, expected, what="x of the path")
        assert_close(y, heights(BOWL, expected), what="y of the path")
    walk = [i / 4 for i in range(40)]
    _, x, _ = line(axes_of(work.draw_frame(BOWL, list(walk), 39), []), "path")
    assert_close(x, walk, what="x of the path")


def test_the_point() -> None:
    """The line point is one marker at xs[step] on the curve, in pure red, of size 8 or more, on top of the others."""
    from matplotlib.colors import to_rgb

    for step in (0, 4, 6):
        axes = axes_of(work.draw_frame(BOWL, list(WALK), step), [])
        point, x, y = line(axes, "point")
        assert_close(x, [WALK[step]], what="x of the point")
        assert_close(y, heights(BOWL, [WALK[step]]), what="y of the point")
        marker = point.get_marker()
        require(marker not in (None, "", " ", "None", ","), "the point has no marker", got=marker)
        assert_equal(to_rgb(point.get_markerfacecolor()), (1.0, 0.0, 0.0), what="the colour of the point")
        require(bool(point.get_markersize() >= 8), "the point must be of size 8 or more", got=point.get_markersize())
        for other in axes.lines:
            colours = [to_rgb(one) for one in (other.get_color(), other.get_markerfacecolor()) if one != "none"]
            told = f"the line {other.get_label()!r} is pure red, too"
            require(other is point or (1.0, 0.0, 0.0) not in colours, told)
        # Of equal zorder the line that was plotted last lies on top.
        heaped = sorted(axes.lines, key=lambda one: float(one.get_zorder()))
        require(
            heaped[-1] is point,
            "another line is drawn over the point",
            got=[f"{one.get_label()}, zorder {one.get_zorder():g}" for one in heaped],
            expected=Shown("point as the last one"),
        )


def test_the_axes_stand_still() -> None:
    """Both axes have the same limits at every step, and all points of the walk lie within them."""
    for coefficients, xs in (([-1.0, 1.0], [0.5]), ([-5.0, 0.0, 1.0], [-3.0, 2.0, 1.0]), (BOWL, WALK[:3])):
        seen: list[list[float]] = []
        for step in range(len(xs)):
            axes = axes_of(work.draw_frame(list(coefficients), list(xs), step), [])
            (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
            seen.append([float(v) for v in (left, right, bottom, top)])
            inside = all(left <= x <= right for x in xs) and all(bottom <= y <= top for y in heights(coefficients, xs))
            require(inside, "a point of the walk lies outside the limits (left, right, bottom, top)", got=seen[-1])
            same = seen[-1] == seen[0]
            told = f"step {step} has other limits (left, right, bottom, top) than step 0"
            require(same, told, got=seen[-1], expected=seen[0])


def test_the_title() -> None:
    """The title holds the number of the step."""
    for step in (0, 3, 12):
        title = axes_of(work.draw_frame(BOWL, [i / 4 for i in range(14)], step), []).get_title()
        found = re.search(rf"step {step}(?!\d)", title, re.IGNORECASE) is not None
        require(found, f"the title lacks 'step {step}'", got=title)


def test_the_film_follows_the_walk() -> None:
    """The film has one frame for each point, from the start to the last, with the red point where the walk is."""

    def look(path: Path, _: Any) -> None:
        require(path.is_file(), "no film was written")
        keep_picture(path, "a_walk")
        assert_follows(path, BOWL, walk, None, call)

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
        told, wanted = Shown(f"loop {loop}"), Shown("loop 0")
        require(loop == 0, "the film does not start again for ever", got=told, expected=wanted)

    call = f"save_film([0.0, 1.0, 2.0], {xs}, path, fps=20)"
    filmed(call, lambda path: work.save_film([0.0, 1.0, 2.0], list(xs), path, fps=20), look)


def test_a_descent_is_filmed() -> None:
    """film_descent walks by descend, films every point of it, and returns the Descent."""
    cases: list[tuple[list[float], float, float, int, list[float], str]] = [
        (BOWL, 4.0, 0.8, 2, [4.0, -4.8, 0.48], "slow"),
        ([0.0, 0.0, 1.0], 2.0, 0.5, 20, [2.0, 0.0], "converges"),
    ]
    for coefficients, start, rate, max_steps, expected, outcome in cases:
        call = f"film_descent({coefficients}, {start}, {rate}, path, max_steps={max_steps}, fps=10)"
        with temporary_folder() as folder:
            path = folder / "film.gif"
            with calling(call):
                got = work.film_descent(list(coefficients), start, rate, path, max_steps=max_steps, fps=10)
                assert_close(getattr(got, "xs", None), expected, what="the xs of film_descent")
                assert_equal(getattr(got, "outcome", None), outcome, what="the outcome of film_descent")
            assert_follows(path, coefficients, expected, 10, call)


edges()


def test_no_film_of_a_walk_that_diverges() -> None:
    """A walk that diverges raises ValueError, and nothing is written."""
    with temporary_folder() as folder:
        path = folder / "away.gif"
        call = f"film_descent({BOWL}, 4.0, 1.5, path, 200)"
        assert_raises(ValueError, work.film_descent, BOWL, 4.0, 1.5, path, 200, call=call)
        require(not list(folder.iterdir()), "a file was written although the walk diverges", call=call)


def test_pyplot_is_left_alone() -> None:
    """The figures open in pyplot are those of before: none stays open, and none is closed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    own = plt.figure()
    try:

        def a_frame(folder: Path) -> None:
            work.draw_frame(BOWL, [1.0, 2.0], 1)

        def a_film(folder: Path) -> None:
            work.save_film(BOWL, [1.0], folder / "film.gif")

        for make in (a_frame, a_film):
            before = set(plt.get_fignums())
            with temporary_folder() as folder:
                make(folder)
            after = set(plt.get_fignums())
            more, less = len(after - before), len(before - after)
            require(not more, "a figure stays open in pyplot", got=Shown(f"{more} more than before"))
            require(not less, "a figure that was open before was closed; close only your own")
    finally:
        plt.close(own)
