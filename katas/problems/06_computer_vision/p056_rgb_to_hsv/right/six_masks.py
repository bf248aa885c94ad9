"""A mask for each sector, filled one after the other, and the six cases of colorsys on the way back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rgb_to_hsv(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """Hue, saturation and value of every pixel."""
    if rgb.shape[-1:] != (3,):
        raise ValueError("rgb needs three channels")
    x = np.array(rgb, dtype=np.float64)
    if rgb.dtype == np.uint8:
        x /= 255
    if x.size and (x.min() < 0 or x.max() > 1):
        raise ValueError("rgb out of range")
    r, g, b = x[..., 0], x[..., 1], x[..., 2]
    top, low = np.amax(x, axis=-1), np.amin(x, axis=-1)
    out = np.zeros(x.shape)
    out[..., 2] = top
    delta = top - low
    np.divide(delta, top, out=out[..., 1], where=top > 0)
    hue = np.zeros(top.shape)
    coloured = delta > 0
    for_red = coloured & (top == r)
    for_green = coloured & (top == g) & ~for_red
    for_blue = coloured & ~for_red & ~for_green
    np.divide(g - b, delta, out=hue, where=for_red)
    np.divide(b - r, delta, out=hue, where=for_green)
    np.divide(r - g, delta, out=hue, where=for_blue)
    hue = (hue + 2 * for_green + 4 * for_blue) / 6
    hue = np.where(hue < 0, hue + 1, hue)
    out[..., 0] = np.where(hue >= 1, 0, hue)
    return out


def hsv_to_rgb(hsv: NDArray[Any]) -> NDArray[np.float64]:
    """Red, green and blue of every pixel."""
    if hsv.shape[-1:] != (3,):
        raise ValueError("hsv needs three channels")
    h, s, v = np.moveaxis(np.asarray(hsv, dtype=np.float64), -1, 0)
    turned = (h - np.floor(h)) * 6
    sector = np.floor(turned)
    f = turned - sector
    p, q, t = v * (1 - s), v * (1 - s * f), v * (1 - s * (1 - f))
    i = sector.astype(int) % 6
    return np.stack(
        [
            np.choose(i, [v, q, p, p, t, v]),
            np.choose(i, [t, v, v, q, p, p]),
            np.choose(i, [p, p, t, v, v, q]),
        ],
        axis=-1,
    )
