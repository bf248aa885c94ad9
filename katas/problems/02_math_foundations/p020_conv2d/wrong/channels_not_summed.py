"""Only the first channel is looked at."""

from typing import Any
import numpy as np
from numpy.typing import NDArray


def conv2d(x, kernel, stride=1, padding=0):
    (sh, sw), (ph, pw) = (_pair(stride, 'stride', least=1), _pair(padding, 'padding', least=0))
    if x.ndim != 3:
        raise ValueError(f'x must be of shape (c, h, w), got {x.shape}')
    if kernel.ndim != 4 or kernel.shape[1] != len(x):
        raise ValueError(f'kernel must be of shape (o, {len(x)}, kh, kw), got {kernel.shape}')
    both_integer = np.issubdtype(x.dtype, np.integer) and np.issubdtype(kernel.dtype, np.integer)
    dtype = np.int64 if both_integer else np.float64
    padded = np.pad(x.astype(dtype), ((0, 0), (ph, ph), (pw, pw)))
    kh, kw = kernel.shape[2:]
    if kh > padded.shape[1] or kw > padded.shape[2]:
        raise ValueError(f'kernel of {kh} x {kw} is larger than the padded x of {padded.shape[1]} x {padded.shape[2]}')
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(1, 2))
    windows = windows[:, ::sh, ::sw]
    return np.tensordot(kernel[:, :1].astype(dtype), windows[:1], axes=((1, 2, 3), (0, 3, 4)))


def _pair(value, name, least):
    vertical, horizontal = (value, value) if isinstance(value, int | np.integer) else value
    if min(vertical, horizontal) < least:
        raise ValueError(f'{name} must be at least {least}, got {value}')
    return (int(vertical), int(horizontal))
