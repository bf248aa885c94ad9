"""The path is red too, so that the point cannot be told from it."""


from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from polynomials import Descent, descend, evaluate


def slope_error(coefficients: Sequence[float], slopes: Sequence[float], xs: Sequence[float], h: float = 1e-5) -> float:
    points = _points(xs)
    measured = (evaluate(coefficients, points + h) - evaluate(coefficients, points - h)) / (2 * h)
    return float(np.abs(evaluate(slopes, points) - measured).max())


def draw_frame(coefficients: Sequence[float], xs: Sequence[float], step: int) -> Figure:
    points = _points(xs)
    if not 0 <= step < len(points):
        raise ValueError(f"step must be from 0 to {len(points) - 1}, got {step}")
    heights = evaluate(coefficients, points)

    margin = 0.2 * (points.max() - points.min()) + 0.5
    curve = np.linspace(points.min() - margin, points.max() + margin, 200)
    values = evaluate(coefficients, curve)
    room = 0.08 * (values.max() - values.min()) + 0.1

    figure = Figure(figsize=(4.8, 3.6))
    axes = figure.add_subplot()
    axes.plot(curve, values, color="#1f77b4", label="f")
    axes.plot(points[: step + 1], heights[: step + 1], "o-", color="#ff0000", markersize=4, linewidth=1, label="path")
    axes.plot(points[step], heights[step], "o", color="#ff0000", markersize=10, zorder=5, label="point")
    axes.set_xlim(curve[0], curve[-1])
    axes.set_ylim(values.min() - room, values.max() + room)
    axes.set(xlabel="x", ylabel="f(x)", title=f"step {step}: x = {points[step]:.4g}")
    return figure


def _points(xs: Sequence[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    if len(xs) == 0:
        raise ValueError("xs must hold at least one point")
    return np.asarray(xs, dtype=np.float64)


def save_film(coefficients: Sequence[float], xs: Sequence[float], path: str | Path, fps: int = 5) -> None:
    if fps < 1 or fps % 1 or 100 % fps:
        raise ValueError(f"fps must divide 100, for GIF counts in hundredths of a second; got {fps}")
    if len(xs) == 0:
        raise ValueError("xs must hold at least one point")
    frames = [_picture(draw_frame(coefficients, xs, step)) for step in range(len(xs))]
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:], duration=1000 // fps, loop=0)


def _picture(figure: Figure) -> Image.Image:
    with io.BytesIO() as buffer:
        figure.savefig(buffer, format="png", dpi=80)
        return Image.open(buffer).convert("RGB")


def film_descent(
    coefficients: Sequence[float],
    start: float,
    learning_rate: float,
    path: str | Path,
    max_steps: int = 20,
    fps: int = 5,
) -> Descent:
    walk = descend(coefficients, start, learning_rate, max_steps)
    if walk.outcome == "diverges":
        raise ValueError(f"learning_rate {learning_rate} makes the walk diverge after {len(walk.xs) - 1} steps")
    save_film(coefficients, walk.xs, path, fps)
    return walk
