"""From a file to a face: read and filter a picture, draw on it, and mark who is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (h, w, 3), blue first, or (h, w)
Box = tuple[int, int, int, int]  # x, y, width, height
Colour = tuple[int, int, int]  # blue, green, red

GREEN: Colour = (0, 255, 0)


def load(path: str | Path) -> Image:
    """Return the picture in a file: (h, w, 3), blue first.

    Raises FileNotFoundError where there is no file, and ValueError where it holds no picture; both name the path.
    """
    raise NotImplementedError


def grey(image: Image) -> Image:
    """Return the brightness of each pixel: (h, w). A picture (h, w) is grey already, and is copied."""
    raise NotImplementedError


def blur(image: Image, size: int) -> Image:
    """Return the picture blurred by a Gaussian of size x size pixels. Raises ValueError where size is not odd."""
    raise NotImplementedError


def edges(image: Image, low: float, high: float, size: int = 5) -> Image:
    """Return (h, w), 255 at the edges and 0 elsewhere: grey, then blurred by size, then Canny's.

    An edge begins where the slope is above `high`, and goes on while it is above `low`.
    Raises ValueError where low is above high, and as blur does.
    """
    raise NotImplementedError


def mark_edges(image: Image, low: float, high: float, size: int = 5, colour: Colour = GREEN) -> Image:
    """Return a copy of a picture (h, w, 3) in which the pixels of its edges have this colour."""
    raise NotImplementedError


def draw_box(image: Image, box: Box, colour: Colour = GREEN) -> Image:
    """Return a copy with the outline of a box, one pixel thick, its corners (x, y) and (x + w - 1, y + h - 1)."""
    raise NotImplementedError


def draw_circle(image: Image, centre: tuple[int, int], radius: int, colour: Colour = GREEN) -> Image:
    """Return a copy with a filled circle around the centre (x, y)."""
    raise NotImplementedError


def draw_text(image: Image, text: str, at: tuple[int, int], colour: Colour = GREEN) -> Image:
    """Return a copy with the text, whose lower left corner is at (x, y), moved as far as needed to be seen whole."""
    raise NotImplementedError


def find_faces(image: Image, min_neighbours: int = 5) -> list[Box]:
    """Return the boxes of the faces that the Haar cascade finds in a picture, the largest first; [] for none."""
    raise NotImplementedError


def hunt(path: str | Path, out: str | Path) -> list[Box]:
    """Read a picture, mark each face by its box and "face 1", "face 2", … above it, write it to `out`.

    Returns the boxes. Raises as load does, and OSError where the result cannot be written.
    """
    raise NotImplementedError
