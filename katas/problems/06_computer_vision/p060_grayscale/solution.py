"""Colour images to gray ones, as bright as the eye sees them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = np.array([0.299, 0.587, 0.114])  # of red, green and blue; their sum is 1


def to_gray(image: NDArray[Any]) -> NDArray[Any]:
    """The luminosity of every pixel: 0.299 R + 0.587 G + 0.114 B.

    image: (h, w, 3) RGB, (h, w, 4) RGBA, (h, w) or (h, w, 1) gray; uint8, uint16 or floats; left unchanged.
    Returns an array of its own of shape (h, w) and the dtype of image; whole numbers are rounded.
    Raises ValueError for any other shape.
    """
    if image.ndim == 2:
        return image.copy()
    if image.ndim != 3 or image.shape[2] not in (1, 3, 4):
        raise ValueError(f"image must have the shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), not {image.shape}")
    if image.shape[2] == 1:
        return image[:, :, 0].copy()
    # The weights are float64, so the bytes become float64 before they are multiplied: nothing wraps around.
    gray = image[:, :, :3] @ WEIGHTS  # (h, w, 3) @ (3,) -> (h, w)
    # astype cuts the fraction off: 149.685 would become 149, and white, once it is 254.99999999999997, 254.
    if np.issubdtype(image.dtype, np.integer):
        gray = np.rint(gray)
    return np.asarray(gray.astype(image.dtype))


# cv2.cvtColor and Pillow's convert("L") compute with whole numbers, (19595 R + 38470 G + 7471 B + 32768) >> 16 in
# Pillow: no floats at all, and within one of the rounded sum.
