"""How fast, and in which direction, the brightness of an image changes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def gradients(image: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Change of brightness to the right and downwards, by the Sobel kernels.

    image: (h, w), gray; left unchanged. Beyond its border the nearest pixel is repeated.
    Returns (gx, gy), each (h, w). Raises ValueError when image is not two-dimensional or has no pixel.
    """
    if image.ndim != 2 or image.size == 0:
        raise ValueError(f"image must have the shape (h, w) and a pixel, not {image.shape}")
    # float64 first: in uint8 the difference of a falling edge wraps around.
    padded = np.pad(image.astype(np.float64), 1, mode="edge")  # (h + 2, w + 2)
    # Each kernel is a column times a row: (1, 2, 1) smooths along one axis, (-1, 0, 1) differentiates along the other.
    down = padded[:-2] + 2 * padded[1:-1] + padded[2:]  # (h, w + 2)
    across = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]  # (h + 2, w)
    return down[:, 2:] - down[:, :-2], across[2:] - across[:-2]


def edges(image: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strength and direction of the change.

    image: as for gradients.
    Returns (magnitude, direction), each (h, w); direction in degrees, above -180 and at most 180, 90 downwards.
    """
    gx, gy = gradients(image)
    # arctan2 knows the quadrant, which gy / gx has lost, and divides by nothing. Adding 0.0 makes a zero of -0.0, for
    # which arctan2 would return -180 or -0.
    return np.hypot(gx, gy), np.degrees(np.arctan2(gy + 0.0, gx + 0.0))


# scipy.ndimage.sobel is the same two passes along any number of axes. OpenCV's Scharr has (3, 10, 3) instead of
# (1, 2, 1): its directions are truer.
