"""Contrast that goes where the pixels are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def level_table(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The new value of each of the 256 levels.

    gray: (h, w); left unchanged. Returns (256,). For an image of one level, every level stays as it is.
    Raises ValueError when gray is not uint8, not two-dimensional, or has no pixel.
    """
    if gray.dtype != np.uint8 or gray.ndim != 2 or gray.size == 0:
        raise ValueError(f"gray must be uint8 of shape (h, w) with a pixel, not {gray.dtype} of shape {gray.shape}")
    # minlength gives every level a place, also those above the brightest pixel.
    at_or_below = np.bincount(gray.ravel(), minlength=256).cumsum()  # (256,)
    lowest = at_or_below[gray.min()]
    if lowest == gray.size:
        return np.arange(256, dtype=np.uint8)
    # Levels below the lowest have a count of 0, and would turn negative.
    share = np.maximum(at_or_below - lowest, 0) / (gray.size - lowest)
    return np.asarray(np.rint(255 * share).astype(np.uint8))


def equalize(image: NDArray[Any]) -> NDArray[np.uint8]:
    """The image with its brightness equalized.

    image: (h, w) gray or (h, w, 3) RGB, uint8; left unchanged. Returns an array of its own of the same shape.
    Raises ValueError when image is not uint8, has another shape, or has no pixel.
    """
    if image.ndim != 3:
        return np.asarray(level_table(image)[image])  # an array as index: one look into the table per pixel
    if image.dtype != np.uint8 or image.shape[2] != 3:
        raise ValueError(f"image must be uint8 of shape (h, w) or (h, w, 3), not {image.dtype} of shape {image.shape}")
    brightness = np.rint(image @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)  # (h, w)
    # The same step for all three channels changes how bright a pixel is, not its colour. int16: it may be negative.
    step = level_table(brightness)[brightness].astype(np.int16) - brightness
    return np.asarray(np.clip(image + step[:, :, None], 0, 255).astype(np.uint8))


# cv2.equalizeHist is the gray half. CLAHE (adaptive, with a limit on the contrast) does it in tiles, so that one
# bright window does not decide about the whole room.
