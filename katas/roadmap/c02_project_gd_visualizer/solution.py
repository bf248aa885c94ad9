"""A film of gradient descent on a polynomial: one frame for each point of the walk."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from polynomials import Descent, descend, evaluate


def slope_error(coefficients: Sequence[float], slopes: Sequence[float], xs: Sequence[float], h: float = 1e-5) -> float:
    """Return the largest gap, over xs, between the polynomial `slopes` and the slope measured from x - h to x + h."""
    points = np.asarray(xs, dtype=np.float64)
    # Measured from both sides, the error falls as h²; from one side it would fall as h only.
    measured = (evaluate(coefficients, points + h) - evaluate(coefficients, points - h)) / (2 * h)
    return float(np.abs(evaluate(slopes, points) - measured).max())


def draw_frame(coefficients: Sequence[float], xs: Sequence[float], step: int) -> Figure:
    """Draw the curve, the path up to `step`, and the point of `step`, on axes that are the same for every step."""
    points = np.asarray(xs, dtype=np.float64)
    heights = evaluate(coefficients, points)

    # All of the walk decides how far the picture reaches, not only what has been walked so far: otherwise the axes
    # would change from frame to frame, and the point would seem to stand still.
    margin = 0.2 * (points.max() - points.min()) + 0.5
    curve = np.linspace(points.min() - margin, points.max() + margin, 200)
    values = evaluate(coefficients, curve)
    room = 0.08 * (values.max() - values.min()) + 0.1

    # Not pyplot's figure, so there is nothing to close.
    figure = Figure(figsize=(4.8, 3.6))
    axes = figure.add_subplot()
    axes.plot(curve, values, color="#1f77b4", label="f")
    axes.plot(points[: step + 1], heights[: step + 1], "o-", color="#777777", markersize=4, linewidth=1, label="path")
    axes.plot(points[step], heights[step], "o", color="#ff0000", markersize=10, zorder=5, label="point")
    axes.set_xlim(curve[0], curve[-1])
    axes.set_ylim(values.min() - room, values.max() + room)
    axes.set(xlabel="x", ylabel="f(x)", title=f"step {step}: x = {points[step]:.4g}")
    return figure


def save_film(coefficients: Sequence[float], xs: Sequence[float], path: str | Path, fps: int = 5) -> None:
    """Write a GIF with one frame of 1/fps seconds for each of `xs`, repeated for ever.

    fps: a divisor of 100.
    """
    frames = [_picture(draw_frame(coefficients, xs, step)) for step in range(len(xs))]
    # Pillow merges equal frames and adds up their times, so the film is as long as it should be.
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:], duration=1000 // fps, loop=0)


def _picture(figure: Figure) -> Image.Image:
    with io.BytesIO() as buffer:
        figure.savefig(buffer, format="png", dpi=80)
        # `convert` reads the picture before the buffer is closed; Pillow reads late otherwise.
        return Image.open(buffer).convert("RGB")


def film_descent(
    coefficients: Sequence[float],
    start: float,
    learning_rate: float,
    path: str | Path,
    max_steps: int = 20,
    fps: int = 5,
) -> Descent:
    """Walk downhill from `start`, film the walk, and return it.

    Raises ValueError when the walk diverges; no film is written then.
    """
    walk = descend(coefficients, start, learning_rate, max_steps)
    if walk.outcome == "diverges":
        # Its last point is so far away that nothing of the curve could be seen.
        raise ValueError(f"learning_rate {learning_rate} makes the walk diverge after {len(walk.xs) - 1} steps")
    save_film(coefficients, walk.xs, path, fps)
    return walk


# matplotlib's FuncAnimation moves the artists of one figure instead of drawing each frame anew, which is faster for
# long films; its writers also make MP4 by way of ffmpeg. Keep the animation in a variable: nothing else holds it, and
# an animation that is garbage-collected is never drawn. Try slope_error(c, derivative(c), xs) with your derivative.
