"""Sines and cosines that tell a Transformer where each token stands."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode(n: int, d: int, start: int = 0) -> NDArray[np.float64]:
    """The encodings of positions start … start + n - 1, (n, d): sines in even columns, cosines in odd ones.

    Raises ValueError for d below 1.
    """
    raise NotImplementedError


def add_positions(x: NDArray[Any], start: int = 0) -> NDArray[Any]:
    """x plus the encoding of its positions, in the dtype of x. x: (..., n, d), left unchanged."""
    raise NotImplementedError


def shift(d: int, k: int) -> NDArray[np.float64]:
    """The matrix (d, d) that moves every encoding on by k positions: encode(n, d, p) @ shift(d, k).

    Raises ValueError for d below 1 and for an odd d.
    """
    raise NotImplementedError
