"""The path lies on top of the point and hides the middle of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from polynomials import Descent, derivative, descend, evaluate


def slope_error(coefficients: Sequence[float], slopes: Sequence[float], xs: Sequence[float], h: float = 1e-5) -> float:
    """The largest gap between the polynomial `slopes` and the slope measured over x - h to x + h, at all of `xs`.

    Raises ValueError, naming xs, when they are empty.
    """
    if len(xs) == 0:
        raise ValueError("xs must not be empty")
    worst = 0.0
    for x in xs:
        measured = (evaluate(coefficients, x + h) - evaluate(coefficients, x - h)) / (2 * h)
        worst = max(worst, abs(evaluate(slopes, x) - measured))
    return float(worst)


def draw_frame(coefficients: Sequence[float], xs: Sequence[float], step: int) -> Figure:
    """The curve, the path up to `step`, and the point of `step`, on axes that are the same for every step.

    Raises ValueError, naming the argument, when xs are empty or step is not one of theirs.
    """
    if len(xs) == 0:
        raise ValueError("xs must not be empty")
    if not 0 <= step < len(xs):
        raise ValueError(f"step must be from 0 to {len(xs) - 1}, got {step}")
    low, high = min(xs), max(xs)
    margin = 0.1 * (high - low) or 1.0
    grid = np.linspace(low - margin, high + margin, 300)
    curve = evaluate(coefficients, grid)
    path = [evaluate(coefficients, x) for x in xs]
    bottom, top = min(curve.min(), min(path)), max(curve.max(), max(path))
    gap = 0.1 * (top - bottom) or 1.0

    figure = Figure(figsize=(5, 4))
    ax = figure.subplots()
    ax.plot(grid, curve, color="steelblue", label="f")
    ax.plot(xs[: step + 1], path[: step + 1], color="black", marker=".", linestyle="--", label="path", zorder=5)
    ax.plot([xs[step]], [path[step]], color="#ff0000", marker="o", markersize=10, linestyle="none", label="point", zorder=4)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(bottom - gap, top + gap)
    ax.set_title(f"step {step}")
    return figure


def save_film(coefficients: Sequence[float], xs: Sequence[float], path: str | Path, fps: int = 5) -> None:
    """Write a GIF with one frame of 1/fps seconds for each of `xs`, repeated for ever.

    Raises ValueError, naming the argument, when xs are empty or fps does not divide 100.
    """
    if len(xs) == 0:
        raise ValueError("xs must not be empty")
    if int(fps) != fps or fps < 1 or 100 % fps != 0:
        raise ValueError(f"fps must be a whole number that divides 100, got {fps}")
    frames = []
    for step in range(len(xs)):
        buffer = io.BytesIO()
        draw_frame(coefficients, xs, step).savefig(buffer, format="png", dpi=80)
        buffer.seek(0)
        frames.append(Image.open(buffer).convert("RGB"))
    frames[0].save(
        path, format="GIF", save_all=True, append_images=frames[1:], duration=1000 // int(fps), loop=0, disposal=2
    )


def film_descent(
    coefficients: Sequence[float],
    start: float,
    learning_rate: float,
    path: str | Path,
    max_steps: int = 20,
    fps: int = 5,
) -> Descent:
    """Walk downhill from `start`, film the walk, and give it.

    Raises ValueError, naming learning_rate, when the walk diverges; no film is written then.
    """
    walk = descend(coefficients, start, learning_rate, max_steps=max_steps)
    if walk.outcome == "diverges":
        raise ValueError(f"learning_rate {learning_rate} makes the walk diverge")
    save_film(coefficients, walk.xs, path, fps=fps)
    return walk
