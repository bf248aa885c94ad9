"""Colours as hue, saturation and value."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rgb_to_hsv(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """Hue, saturation and value of every pixel.

    rgb: (..., 3), uint8 or floats from 0 to 1; left unchanged.
    Returns (..., 3): h from 0 up to, not including, 1; s and v from 0 to 1. Gray pixels have h = s = 0.
    Raises ValueError when the last axis is not of length 3, or a float is below 0 or above 1.
    """
    raise NotImplementedError


def hsv_to_rgb(hsv: NDArray[Any]) -> NDArray[np.float64]:
    """Red, green and blue of every pixel, from 0 to 1.

    hsv: (..., 3): h goes around at 1, s and v from 0 to 1; left unchanged.
    Raises ValueError when the last axis is not of length 3.
    """
    raise NotImplementedError
