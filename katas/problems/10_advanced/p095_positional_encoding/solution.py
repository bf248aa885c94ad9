"""Sines and cosines that tell a Transformer where each token stands."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode(n: int, d: int, start: int = 0) -> NDArray[np.float64]:
    """The encodings of positions start … start + n - 1, (n, d): sines in even columns, cosines in odd ones.

    Raises ValueError for d below 1.
    """
    positions = np.arange(start, start + n)[:, None]  # (n, 1)
    angles = positions * _speeds(d)  # (n, 1) * (ceil(d/2),) -> (n, ceil(d/2))
    encoding = np.empty((n, d))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles[:, : d // 2])  # an odd d has one sine more than cosines
    return encoding


def add_positions(x: NDArray[Any], start: int = 0) -> NDArray[Any]:
    """x plus the encoding of its positions, in the dtype of x. x: (..., n, d), left unchanged."""
    n, d = x.shape[-2:]
    # The last two axes line up, so broadcasting repeats the rows over all the axes before them.
    total: NDArray[Any] = x + encode(n, d, start).astype(x.dtype)  # (..., n, d) + (n, d)
    return total


def shift(d: int, k: int) -> NDArray[np.float64]:
    """The matrix (d, d) that moves every encoding on by k positions: encode(n, d, p) @ shift(d, k).

    Raises ValueError for d below 1 and for an odd d.
    """
    angles = k * _speeds(d)  # (d/2,)
    if d % 2:
        raise ValueError(f"d is {d}: the last sine of an odd width has no cosine to turn with")
    sines = np.arange(0, d, 2)
    cosines = sines + 1
    # sin(a + b) = sin a cos b + cos a sin b and cos(a + b) = cos a cos b - sin a sin b: each pair of columns turns
    # by its own angle b, and nothing mixes the pairs.
    turn = np.zeros((d, d))
    turn[sines, sines] = turn[cosines, cosines] = np.cos(angles)
    turn[cosines, sines] = np.sin(angles)
    turn[sines, cosines] = -np.sin(angles)
    return turn


def _speeds(d: int) -> NDArray[np.float64]:
    """The angle by which each pair of columns turns from one position to the next, (ceil(d/2),)."""
    if d < 1:
        raise ValueError(f"d has to be at least 1, not {d}")
    return np.asarray(10000.0 ** (-np.arange(0, d, 2) / d))


# PyTorch has no layer for this table; its tutorials compute exp(-log(10000) * 2i / d), the same numbers. Rotary
# embeddings do not add anything: they turn each query and key by its position, so that the product of the two
# depends on how far they are apart.
