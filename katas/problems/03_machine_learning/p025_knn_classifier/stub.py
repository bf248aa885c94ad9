"""k nearest neighbours: a partial selection, a search in chunks, and a vote."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def k_smallest(distances: NDArray[Any], k: int) -> Indices:
    """Column indices of the k smallest values of each row, smallest first; equal values in any order.

    distances: (m, n), left unchanged; 1 <= k <= n. Returns (m, k). Does not sort whole rows.
    """
    raise NotImplementedError


class KNNClassifier:
    """Classifies by a vote of the k nearest training rows.

    chunk_size: how many queries are worked on at a time; bounds the memory, not the result.
    """

    def __init__(self, k: int = 5, chunk_size: int = 64) -> None:
        raise NotImplementedError

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> KNNClassifier:
        """Remember X (n, d) and y (n,), in place of what was there; gives the model itself.

        Raises ValueError, naming the argument, for bad X, y, k (k > n too) or chunk_size.
        """
        raise NotImplementedError

    def kneighbors(self, Q: NDArray[Any]) -> tuple[Array, Indices]:
        """Distances to, and row numbers of, the k nearest rows of X for each row of Q (m, d), nearest first.

        Returns two arrays (m, k); m may be 0. Raises ValueError, naming Q, when it does not fit X.
        """
        raise NotImplementedError

    def predict(self, Q: NDArray[Any]) -> NDArray[Any]:
        """The label of most neighbours of each row of Q, (m,); on a tie the smallest of the tied labels.

        Raises ValueError, naming Q, when it does not fit X.
        """
        raise NotImplementedError
