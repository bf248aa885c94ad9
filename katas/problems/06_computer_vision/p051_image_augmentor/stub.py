"""Flips, rotation and brightness of images, and how to put them together at random."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]  # (h, w) or (h, w, c): uint8, or float32 or float64 from 0 to 1
Step = Callable[[Image, np.random.Generator], Image]


def flip_left_right(image: Image) -> Image:
    """The mirror image: the first column becomes the last. ValueError for four axes, as in the next two."""
    raise NotImplementedError


def flip_top_bottom(image: Image) -> Image:
    """Upside down: the first row becomes the last."""
    raise NotImplementedError


def rotate(image: Image, degrees: float) -> Image:
    """The image turned counterclockwise around its centre ((h - 1) / 2, (w - 1) / 2), with its shape.

    Each pixel is the bilinear mean of the four around the place it comes from; those outside count as 0.
    """
    raise NotImplementedError


def brighten(image: Image, amount: float) -> Image:
    """The image with amount times white added to each value, clipped to black and white.

    Raises ValueError or TypeError for dtypes other than uint8 and floats.
    """
    raise NotImplementedError


def compose(*steps: Step) -> Step:
    """A step that takes the given ones, the first one first."""
    raise NotImplementedError


def sometimes(p: float, step: Step) -> Step:
    """A step that takes the given one with probability p, and else returns a copy of the image."""
    raise NotImplementedError


def uniformly(change: Callable[[Image, float], Image], low: float, high: float) -> Step:
    """A step that returns change(image, value), with a new value between low and high in each call."""
    raise NotImplementedError
