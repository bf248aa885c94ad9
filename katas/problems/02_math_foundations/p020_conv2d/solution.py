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
    (sh, sw), (ph, pw) = _pair(stride, "stride", least=1), _pair(padding, "padding", least=0)
    if x.ndim != 3:
        raise ValueError(f"x must be of shape (c, h, w), got {x.shape}")
    if kernel.ndim != 4 or kernel.shape[1] != len(x):
        raise ValueError(f"kernel must be of shape (o, {len(x)}, kh, kw), got {kernel.shape}")

    # Widened before anything is multiplied: in uint8, 200 times 2 is 144.
    both_integer = np.issubdtype(x.dtype, np.integer) and np.issubdtype(kernel.dtype, np.integer)
    dtype = np.int64 if both_integer else np.float64
    padded = np.pad(x.astype(dtype), ((0, 0), (ph, ph), (pw, pw)))  # (c, h + 2ph, w + 2pw)

    kh, kw = kernel.shape[2:]
    if kh > padded.shape[1] or kw > padded.shape[2]:
        raise ValueError(f"kernel of {kh} x {kw} is larger than the padded x of {padded.shape[1]} x {padded.shape[2]}")
    # A view: every window under its own index, and not one number copied.
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(1, 2))  # (c, rows, columns, kh, kw)
    # Every sh-th row and sw-th column; what does not fill a window at the far end has no entry here in the first place.
    windows = windows[:, ::sh, ::sw]  # (c, oh, ow, kh, kw)
    # Channels and both places in the kernel are summed away. Turning the kernel round would make it the
    # convolution of mathematics; learned weights do not care, so that no library does it.
    return np.tensordot(kernel.astype(dtype), windows, axes=((1, 2, 3), (0, 3, 4)))  # (o, oh, ow)


def _pair(value: int | tuple[int, int], name: str, least: int) -> tuple[int, int]:
    """(vertical, horizontal) from one number or two."""
    vertical, horizontal = (value, value) if isinstance(value, int | np.integer) else value
    if min(vertical, horizontal) < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(vertical), int(horizontal)


# torch.nn.functional.conv2d adds a batch axis, a bias, dilation and groups. On a CPU the windows are unrolled into one
# large matrix product, as tensordot does here (im2col); GPUs build the windows on the way, and small kernels such as
# 3 x 3 may go through Winograd's trick, which saves more than half of the multiplications.
