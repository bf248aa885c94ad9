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

    x: (c, h, w); kernel: (o, c, kh, kw); integers or floats.
    stride: step between windows, for both directions or as (vertical, horizontal).
    padding: zeros added on either side, for both directions or as (vertical, horizontal).
    Returns (o, oh, ow), oh = (h + 2 * ph - kh) // sh + 1 and ow likewise: int64 for integers in both, else float64.
    Raises ValueError for other channels in kernel, where no window fits, for stride below 1 and padding below 0.
    """
    raise NotImplementedError
