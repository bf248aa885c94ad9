"""Contrast that goes where the pixels are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def level_table(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The new value of each of the 256 levels.

    gray: (h, w); left unchanged. Returns (256,). For an image of one level, every level stays as it is.
    Raises ValueError when gray is not uint8, not two-dimensional, or has no pixel.
    """
    raise NotImplementedError


def equalize(image: NDArray[Any]) -> NDArray[np.uint8]:
    """The image with its brightness equalized.

    image: (h, w) gray or (h, w, 3) RGB, uint8; left unchanged. Returns an array of its own of the same shape.
    Raises ValueError when image is not uint8, has another shape, or has no pixel.
    """
    raise NotImplementedError
