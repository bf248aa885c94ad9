"""Compress a grey picture by its singular value decomposition."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import NDArray

Factors = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def compress(image: NDArray[np.uint8], rank: int) -> Factors:
    """The three factors (u, s, vt) of the best approximation of `image` that has this rank.

    image: (m, n), left unchanged; rank: 1 to min(m, n).
    Returns u (m, rank) and vt (rank, n), orthonormal columns and rows, and s (rank,), largest first.
    Raises ValueError when the image is not two-dimensional or the rank out of range.
    """
    raise NotImplementedError


def reconstruct(u: NDArray[np.float64], s: NDArray[np.float64], vt: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The picture that the factors stand for: (m, n), rounded to the nearest and clipped to 0 to 255.

    u: (m, k); s: (k,); vt: (k, n); left unchanged.
    """
    raise NotImplementedError


def storage_ratio(shape: tuple[int, int], rank: int) -> float:
    """How many times fewer numbers the factors of this rank hold than a picture of this shape has pixels."""
    raise NotImplementedError


def draw_ranks(image: NDArray[np.uint8], ranks: Sequence[int]) -> Figure:
    """The original and its approximation at each rank, in this order, on one grey scale.

    Titles: "original", then one that holds the rank.
    """
    raise NotImplementedError
