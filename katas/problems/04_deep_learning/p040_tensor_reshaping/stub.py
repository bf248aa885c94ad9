"""Six reshapings that models live on: nothing is computed, everything changes its place."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def patches(images: Array, p: int) -> Array:
    """Return flat p x p patches, row by row, colour last: (b, c, h, w) -> (b, h / p * w / p, p * p * c)."""
    raise NotImplementedError


def split_qkv(x: Array, n_heads: int) -> Array:
    """Return q, k and v split into heads, as a view of x: (b, t, 3 * n_heads * d) -> (3, b, n_heads, t, d)."""
    raise NotImplementedError


def join_heads(heads: Array) -> Array:
    """Return the heads side by side, without a copy where that is possible: (b, h, t, d) -> (b, t, h * d)."""
    raise NotImplementedError


def space_to_depth(x: Array, r: int) -> Array:
    """Return each r x r square of pixels as channels: (b, c, h, w) -> (b, c * r * r, h / r, w / r)."""
    raise NotImplementedError


def channel_shuffle(x: Array, groups: int) -> Array:
    """Return the first channel of each group, then the second of each, and so on: the shape of x, (b, c, h, w)."""
    raise NotImplementedError


def windows(x: Array, s: int) -> Array:
    """Return s x s windows, row by row, image after image: (b, h, w, c) -> (b * h / s * w / s, s, s, c)."""
    raise NotImplementedError
