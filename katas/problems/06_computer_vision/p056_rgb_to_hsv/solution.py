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
    _check_channels(rgb)
    # The dtype says what is meant, not the values: a dark image of bytes may hold nothing but zeros and ones.
    colours = rgb / 255.0 if rgb.dtype == np.uint8 else rgb.astype(np.float64)
    if np.any(colours < 0.0) or np.any(colours > 1.0):
        raise ValueError("floats of rgb must lie from 0 to 1")
    r, g, b = np.moveaxis(colours, -1, 0)  # each (...)
    value = colours.max(axis=-1)
    spread = value - colours.min(axis=-1)
    # Gray pixels divide by 1 instead of 0; their numerators are 0, and so is the result.
    divisor = np.where(spread == 0.0, 1.0, spread)
    sixths = np.select(  # the first condition that holds decides
        [value == r, value == g],
        [(g - b) / divisor, (b - r) / divisor + 2.0],
        default=(r - g) / divisor + 4.0,
    )
    # -1e-17 % 1.0 is 1.0 after rounding, hence the second remainder.
    hue = sixths / 6.0 % 1.0 % 1.0
    saturation = spread / np.where(value == 0.0, 1.0, value)
    return np.stack([hue, saturation, value], axis=-1)


def hsv_to_rgb(hsv: NDArray[Any]) -> NDArray[np.float64]:
    """Red, green and blue of every pixel, from 0 to 1.

    hsv: (..., 3): h goes around at 1, s and v from 0 to 1; left unchanged.
    Raises ValueError when the last axis is not of length 3.
    """
    _check_channels(hsv)
    h, s, v = np.moveaxis(hsv.astype(np.float64), -1, 0)
    # Each channel is full over two sixths of the circle, falls over one, is lowest over two, and rises again; green
    # and blue do the same a third of the circle further on.
    steps = (np.array([5.0, 3.0, 1.0]) + 6.0 * h[..., None]) % 6.0  # (..., 3)
    share = np.clip(np.minimum(steps, 4.0 - steps), 0.0, 1.0)  # how far the channel lies below v
    return np.asarray(v[..., None] * (1.0 - s[..., None] * share))


def _check_channels(pixels: NDArray[Any]) -> None:
    if pixels.ndim == 0 or pixels.shape[-1] != 3:
        raise ValueError(f"the last axis must hold the 3 channels, but the shape is {pixels.shape}")


# skimage.color.rgb2hsv works like this on floats from 0 to 1. OpenCV needs a float32 image for a hue in whole degrees.
