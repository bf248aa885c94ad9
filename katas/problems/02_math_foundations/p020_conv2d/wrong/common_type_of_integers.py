"""Asks NumPy for the common type of x and kernel: for uint64 with int64 that is float64, so integers in both give floats."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    if np.ndim(value) == 0:
        return int(value), int(value)
    vertical, horizontal = value
    return int(vertical), int(horizontal)


def conv2d(
    x: NDArray[Any],
    kernel: NDArray[Any],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> NDArray[Any]:
    """Sums of products of `kernel`, not flipped, with every window of `x`."""
    x, kernel = np.asarray(x), np.asarray(kernel)
    if x.ndim != 3:
        raise ValueError(f"x must be three-dimensional, not {x.shape}")
    if kernel.ndim != 4:
        raise ValueError(f"kernel must be four-dimensional, not {kernel.shape}")
    if kernel.shape[1] != x.shape[0]:
        raise ValueError(f"kernel has {kernel.shape[1]} channels, but x has {x.shape[0]}")
    sh, sw = _pair(stride)
    ph, pw = _pair(padding)
    if sh < 1 or sw < 1:
        raise ValueError("stride must be at least 1")
    if ph < 0 or pw < 0:
        raise ValueError("padding must not be negative")
    (c, h, w), (o, _, kh, kw) = x.shape, kernel.shape
    if kh > h + 2 * ph or kw > w + 2 * pw:
        raise ValueError("kernel is larger than the padded x")
    kind = np.int64 if np.result_type(x, kernel).kind in "iu" else np.float64
    padded = np.zeros((c, h + 2 * ph, w + 2 * pw), dtype=kind)
    padded[:, ph : ph + h, pw : pw + w] = x
    weights = kernel.astype(kind)
    oh, ow = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    result = np.zeros((o, oh, ow), dtype=kind)
    for u in range(kh):
        for v in range(kw):
            window = padded[:, u : u + (oh - 1) * sh + 1 : sh, v : v + (ow - 1) * sw + 1 : sw]
            result += (weights[:, :, u, v, None, None] * window).sum(axis=1)
    return result
