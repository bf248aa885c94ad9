"""Nine shifted copies of the image, each times its weight."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def gradients(image: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Change of brightness to the right and downwards."""
    if image.ndim != 2 or not image.size:
        raise ValueError("a gray image with pixels is needed")
    h, w = image.shape
    rows = np.clip(np.arange(-1, h + 1), 0, h - 1)
    columns = np.clip(np.arange(-1, w + 1), 0, w - 1)
    padded = image[np.ix_(rows, columns)].astype(float)
    gx, gy = np.zeros((h, w)), np.zeros((h, w))
    for i in range(3):
        for j in range(3):
            window = padded[i : i + h, j : j + w]
            gx += KERNEL[i, j] * window
            gy += KERNEL[j, i] * window
    return gx, gy


def edges(image: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strength and direction of the change."""
    gx, gy = gradients(image)
    angle = np.angle(gx + 1j * gy, deg=True)
    return np.sqrt(gx**2 + gy**2), np.where(angle <= -180.0, 180.0, angle)
