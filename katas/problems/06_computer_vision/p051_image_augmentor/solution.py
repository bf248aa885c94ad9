"""Flips, rotation and brightness of images, and how to put them together at random."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]  # (h, w) or (h, w, c): uint8, or float32 or float64 from 0 to 1
Step = Callable[[Image, np.random.Generator], Image]


def flip_left_right(image: Image) -> Image:
    """The mirror image: the first column becomes the last. ValueError for four axes, as in the next two."""
    # A flipped view would share memory with the image, and its negative stride is refused by torch.from_numpy.
    return _checked(image)[:, ::-1].copy()


def flip_top_bottom(image: Image) -> Image:
    """Upside down: the first row becomes the last."""
    return _checked(image)[::-1].copy()


def rotate(image: Image, degrees: float) -> Image:
    """The image turned counterclockwise around its centre ((h - 1) / 2, (w - 1) / 2), with its shape.

    Each pixel is the bilinear mean of the four around the place it comes from; those outside count as 0.
    """
    h, w = _checked(image).shape[:2]
    angle = np.deg2rad(degrees)
    # Backwards: where does each output pixel come from? Sending input pixels forwards would leave holes.
    y, x = np.mgrid[:h, :w].astype(np.float64) - np.reshape([(h - 1) / 2, (w - 1) / 2], (2, 1, 1))  # (h, w) each
    from_y = np.cos(angle) * y + np.sin(angle) * x + (h - 1) / 2  # rows count downwards, hence these signs
    from_x = np.cos(angle) * x - np.sin(angle) * y + (w - 1) / 2
    top, left = np.floor(from_y).astype(int), np.floor(from_x).astype(int)
    down, right = from_y - top, from_x - left  # (h, w): from 0 to below 1
    colours = image.reshape(h, w, -1)
    out = np.zeros(colours.shape)  # (h, w, c), float64
    for rows, share_y in ((top, 1 - down), (top + 1, down)):
        for columns, share_x in ((left, 1 - right), (left + 1, right)):
            is_inside = (rows >= 0) & (rows < h) & (columns >= 0) & (columns < w)
            share = np.where(is_inside, share_y * share_x, 0.0)  # (h, w)
            # A place outside reads some pixel inside, which then counts nothing.
            out += share[:, :, None] * colours[rows.clip(0, h - 1), columns.clip(0, w - 1)]
    return _as_image(out.reshape(image.shape), image.dtype)


def brighten(image: Image, amount: float) -> Image:
    """The image with amount times white added to each value, clipped to black and white.

    Raises ValueError or TypeError for dtypes other than uint8 and floats.
    """
    white = _white(_checked(image).dtype)
    # In uint8, 250 + 10 is 4; in float64 it is 260, which is clipped to 255.
    return _as_image(image.astype(np.float64) + amount * white, image.dtype)


def compose(*steps: Step) -> Step:
    """A step that takes the given ones, the first one first."""

    def composed(image: Image, rng: np.random.Generator) -> Image:
        out = image.copy()  # also where there are no steps
        for step in steps:
            out = step(out, rng)
        return out

    return composed


def sometimes(p: float, step: Step) -> Step:
    """A step that takes the given one with probability p, and else returns a copy of the image."""
    return lambda image, rng: step(image, rng) if rng.random() < p else image.copy()


def uniformly(change: Callable[[Image, float], Image], low: float, high: float) -> Step:
    """A step that returns change(image, value), with a new value between low and high in each call."""
    return lambda image, rng: change(image, rng.uniform(low, high))


def _checked(image: Image) -> Image:
    if image.ndim not in (2, 3):
        raise ValueError(f"image must have the shape (h, w) or (h, w, c), not {image.shape}")
    return image


def _white(dtype: np.dtype[Any]) -> float:
    if dtype != np.uint8 and not np.issubdtype(dtype, np.floating):
        raise ValueError(f"image must be uint8 or floats, not {dtype}: its white is not known")
    return 255.0 if dtype == np.uint8 else 1.0


def _as_image(values: NDArray[np.float64], dtype: np.dtype[Any]) -> Image:
    """Values in the dtype of an image: clipped, and whole numbers rounded, as a cast would cut them off."""
    values = values.clip(0.0, _white(dtype))
    return (np.rint(values) if dtype == np.uint8 else values).astype(dtype)


# torchvision and Albumentations have dozens of such steps, and move boxes, masks and key points along with the image.
# They rotate with the affine grid of a graphics card, or by OpenCV, which rounds places to 1/32 of a pixel.
