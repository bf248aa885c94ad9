"""The convolution layer of a neural network."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def conv2d(
    x: NDArray[Any],
    kernel: NDArray[Any],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> NDArray[Any]:
    """Sums of products of `kernel`, not flipped, with every window of `x`.

    x: (c, h, w); kernel: (o, c, kh, kw); integers or floats, finite; left unchanged.
    stride: step between windows, for both directions or as (vertical, horizontal).
    padding: zeros added on either side, for both directions or as (vertical, horizontal).
    Returns (o, oh, ow), oh = (h + 2 * ph - kh) // sh + 1 and ow likewise: int64 for integers in both, else float64.
    Raises ValueError, naming the argument, when its shape or value is not as said here, or no window fits.
    """
    raise NotImplementedError
