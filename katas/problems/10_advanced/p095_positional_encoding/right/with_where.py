"""One angle for every column, and np.where to choose between sine and cosine; the turn as a product of tables."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode(n: int, d: int, start: int = 0) -> NDArray[np.float64]:
    """The encodings of positions start … start + n - 1, (n, d)."""
    if d < 1:
        raise ValueError("d has to be at least 1")
    column = np.arange(d)
    angles = np.outer(start + np.arange(n), np.exp(-np.log(10000.0) * (column - column % 2) / d))
    table: NDArray[np.float64] = np.where(column % 2 == 0, np.sin(angles), np.cos(angles))
    return table


def add_positions(x: NDArray[Any], start: int = 0) -> NDArray[Any]:
    """x plus the encoding of its positions, in the dtype of x."""
    result = x.copy()
    result += encode(x.shape[-2], x.shape[-1], start)
    return result


def shift(d: int, k: int) -> NDArray[np.float64]:
    """The matrix (d, d) that moves every encoding on by k positions."""
    if d < 1 or d % 2:
        raise ValueError("d has to be even and at least 2")
    moved = encode(1, d, k)[0]  # sines and cosines of the angles themselves
    sines, cosines = np.repeat(moved[0::2], 2), np.repeat(moved[1::2], 2)
    across = np.zeros((d, d))
    across[np.arange(d), np.arange(d) ^ 1] = np.where(np.arange(d) % 2 == 0, -1, 1)
    return np.asarray(np.diag(cosines) + across * sines[:, None])
