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
    (sh, sw), (ph, pw) = np.broadcast_to(stride, 2), np.broadcast_to(padding, 2)  # one number goes for both directions
    if min(sh, sw) < 1:  # a slice with a negative step would run backwards
        raise ValueError(f"stride must be at least 1, got {stride}")

    # Widened before anything is multiplied: in uint8, 200 times 2 is 144.
    both_integer = np.issubdtype(x.dtype, np.integer) and np.issubdtype(kernel.dtype, np.integer)
    dtype = np.int64 if both_integer else np.float64
    # From here on NumPy refuses, by ValueError: np.pad what is below 0, sliding_window_view a kernel that is too large,
    # tensordot one with other channels. Slices and broadcasting would refuse none of the three.
    padded = np.pad(x.astype(dtype), ((0, 0), (ph, ph), (pw, pw)))  # (c, h + 2ph, w + 2pw)
    # A view: every window under its own index, and not one number copied.
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[2:], axis=(1, 2))
    # Every sh-th row and sw-th column; what does not fill a window at the far end has no entry here in the first place.
    windows = windows[:, ::sh, ::sw]  # (c, oh, ow, kh, kw)
    # Channels and both places in the kernel are summed away. Turning the kernel round would make it the
    # convolution of mathematics; learned weights do not care, so that no library does it.
    return np.tensordot(kernel.astype(dtype), windows, axes=((1, 2, 3), (0, 3, 4)))  # (o, oh, ow)


# torch.nn.functional.conv2d adds a batch axis, a bias, dilation and groups. On a CPU the windows are unrolled into one
# large matrix product, as tensordot does here (im2col); GPUs build the windows on the way, and small kernels such as
# 3 x 3 may go through Winograd's trick, which saves more than half of the multiplications.
