"""k nearest neighbours: a partial selection, a search in chunks, and a vote."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def k_smallest(distances: Array, k: int) -> Indices:
    """Return the column indices (m, k) of the k smallest values of each row, smallest first, without sorting rows."""
    raise NotImplementedError


class KNNClassifier:
    """A vote of the k nearest training rows; chunk_size queries are worked on at a time."""

    def __init__(self, k: int = 5, chunk_size: int = 64) -> None:
        raise NotImplementedError

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> KNNClassifier:
        """Remember X (n, d) and the labels y (n,) in place of earlier ones, and return the model."""
        raise NotImplementedError

    def kneighbors(self, Q: NDArray[Any]) -> tuple[Array, Indices]:
        """Return the distances (m, k) and row numbers (m, k) of the k rows of X nearest to each row of Q (m, d)."""
        raise NotImplementedError

    def predict(self, Q: NDArray[Any]) -> NDArray[Any]:
        """Return the label (m,) of most neighbours of each row of Q; on a tie the smallest of the tied labels."""
        raise NotImplementedError
