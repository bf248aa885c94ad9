"""How fast, and in which direction, the brightness of an image changes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def gradients(image: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Change of brightness to the right and downwards, by the Sobel kernels.

    image: (h, w), gray; left unchanged. Beyond its border the nearest pixel is repeated.
    Returns (gx, gy), each (h, w). Raises ValueError when image is not two-dimensional or has no pixel.
    """
    raise NotImplementedError


def edges(image: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strength and direction of the change.

    image: as for gradients.
    Returns (magnitude, direction), each (h, w); direction in degrees, above -180 and at most 180, 90 downwards.
    """
    raise NotImplementedError
