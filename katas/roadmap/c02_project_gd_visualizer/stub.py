"""A film of gradient descent on a polynomial: one frame for each point of the walk."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from polynomials import Descent, derivative, descend, evaluate


def slope_error(coefficients: Sequence[float], slopes: Sequence[float], xs: Sequence[float], h: float = 1e-5) -> float:
    """Return the largest gap, over xs, between the polynomial `slopes` and the slope measured from x - h to x + h."""
    raise NotImplementedError


def draw_frame(coefficients: Sequence[float], xs: Sequence[float], step: int) -> Figure:
    """Draw the curve, the path up to `step`, and the point of `step`, on axes that are the same for every step."""
    raise NotImplementedError


def save_film(coefficients: Sequence[float], xs: Sequence[float], path: str | Path, fps: int = 5) -> None:
    """Write a GIF with one frame of 1/fps seconds for each of `xs`, repeated for ever.

    fps: a divisor of 100.
    """
    raise NotImplementedError


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
    raise NotImplementedError
