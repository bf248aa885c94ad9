"""k nearest neighbours: a partial selection, a search in chunks, and a vote."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# n training rows and m queries of d numbers; c queries in a chunk.


def k_smallest(distances: Array, k: int) -> Indices:
    """Return the column indices (m, k) of the k smallest values of each row, smallest first, without sorting rows."""
    # Partitioning puts the k smallest in front, in no order, in O(n) a row; then only k values are left to sort.
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]  # (m, k)
    order = np.argsort(np.take_along_axis(distances, nearest, axis=1), axis=1)  # (m, k)
    return np.take_along_axis(nearest, order, axis=1)


class KNNClassifier:
    """A vote of the k nearest training rows; chunk_size queries are worked on at a time."""

    def __init__(self, k: int = 5, chunk_size: int = 64) -> None:
        self.k = k
        self.chunk_size = chunk_size

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> KNNClassifier:
        """Remember X (n, d) and the labels y (n,) in place of earlier ones, and return the model."""
        if len(y) != len(X):
            raise ValueError(f"y must hold {len(X)} labels, one for each row of X, got {len(y)}")
        if not 1 <= self.k <= len(X):
            raise ValueError(f"k must be between 1 and the {len(X)} rows of X, got {self.k}")
        self._X = without_nan("X", X)
        # Labels as numbers 0, 1, … in sorted order: votes can be counted, and the first of equals is the smallest.
        self._labels, self._codes = np.unique(y, return_inverse=True)
        return self

    def kneighbors(self, Q: NDArray[Any]) -> tuple[Array, Indices]:
        """Return the distances (m, k) and row numbers (m, k) of the k rows of X nearest to each row of Q (m, d)."""
        d = self._X.shape[1]
        if Q.shape[1] != d:  # a single column would broadcast
            raise ValueError(f"Q must have {d} columns like X, got the shape {Q.shape}")
        queries = without_nan("Q", Q)
        distances = np.empty((len(Q), self.k))
        indices = np.empty((len(Q), self.k), dtype=np.intp)
        for start in range(0, len(Q), self.chunk_size):
            rows = slice(start, start + self.chunk_size)  # a slice past the end is simply shorter
            squared = self._squared_distances(queries[rows])  # (c, n)
            indices[rows] = k_smallest(squared, self.k)
            # The root keeps the order, so it is taken of k values only, not of n.
            distances[rows] = np.sqrt(np.take_along_axis(squared, indices[rows], axis=1))
        return distances, indices

    def predict(self, Q: NDArray[Any]) -> NDArray[Any]:
        """Return the label (m,) of most neighbours of each row of Q; on a tie the smallest of the tied labels."""
        votes = self._codes[self.kneighbors(Q)[1]]  # (m, k)
        # One row of counts at a time: where nearly each row of X has its own label, all counts are as large as (m, n).
        # argmax takes the first of equals, which is the smallest label.
        winners = [int(np.bincount(row).argmax()) for row in votes]
        return np.asarray(self._labels[winners])

    def _squared_distances(self, queries: Array) -> Array:
        # The shorter |q|² - 2q·x + |x|² needs no (c, n, d), but subtracts nearly equal numbers: far from the origin
        # nothing of the distance is left.
        difference = queries[:, None, :] - self._X  # (c, 1, d) - (n, d) -> (c, n, d)
        return np.asarray(np.einsum("cnd,cnd->cn", difference, difference))  # (c, n)


def without_nan(name: str, values: NDArray[Any]) -> Array:
    """Return values in float64, which cannot wrap around; NaN is neither near nor far and is refused."""
    floats = values.astype(np.float64)
    if np.isnan(floats).any():
        raise ValueError(f"{name} holds NaN: fill or remove it first")
    return floats


# scikit-learn's KNeighborsClassifier does this search in C, chunk by chunk on every core, and for few columns it builds
# a KD tree or ball tree that skips most rows. Beyond some millions of vectors one gives up exactness: FAISS and hnswlib
# find nearly all of the true neighbours in a thousandth of the time.
