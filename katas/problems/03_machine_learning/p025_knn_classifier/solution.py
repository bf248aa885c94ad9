"""k nearest neighbours: a partial selection, a search in chunks, and a vote."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# n training rows and m queries of d numbers; c queries in a chunk; u different labels.


def k_smallest(distances: NDArray[Any], k: int) -> Indices:
    """Column indices of the k smallest values of each row, smallest first; equal values in any order.

    distances: (m, n), left unchanged; 1 <= k <= n. Returns (m, k). Does not sort whole rows.
    """
    # Partitioning puts the k smallest in front, in no order, in O(n) a row; then only k values are left to sort.
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]  # (m, k)
    order = np.argsort(np.take_along_axis(distances, nearest, axis=1), axis=1)  # (m, k)
    return np.take_along_axis(nearest, order, axis=1)


class KNNClassifier:
    """Classifies by a vote of the k nearest training rows.

    chunk_size: how many queries are worked on at a time; bounds the memory, not the result.
    """

    def __init__(self, k: int = 5, chunk_size: int = 64) -> None:
        self.k = k
        self.chunk_size = chunk_size

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> KNNClassifier:
        """Remember X (n, d) and y (n,), in place of what was there; gives the model itself.

        Raises ValueError, naming the argument, for bad X, y, k (k > n too) or chunk_size.
        """
        if X.ndim != 2 or len(X) == 0:
            raise ValueError(f"X must be of shape (n, d) with at least one row, got {X.shape}")
        if y.shape != (len(X),):
            raise ValueError(f"y must be of shape ({len(X)},), got {y.shape}")
        if not 1 <= self.k <= len(X):
            raise ValueError(f"k must be between 1 and the {len(X)} rows of X, got {self.k}")
        if self.chunk_size < 1:
            raise ValueError(f"chunk_size must be at least 1, got {self.chunk_size}")
        # astype copies, so that the model does not change with the caller's array; float64 cannot wrap around.
        self._X = X.astype(np.float64)
        if np.isnan(self._X).any():
            raise ValueError("X holds NaN, which is neither near nor far: fill or remove it first")
        # Labels as numbers 0 … u - 1 in sorted order: votes can be counted, and the first of equals is the smallest.
        self.classes_, self._codes = np.unique(y, return_inverse=True)
        return self

    def kneighbors(self, Q: NDArray[Any]) -> tuple[Array, Indices]:
        """Distances to, and row numbers of, the k nearest rows of X for each row of Q (m, d), nearest first.

        Returns two arrays (m, k); m may be 0. Raises ValueError, naming Q, when it does not fit X.
        """
        d = self._X.shape[1]
        if Q.ndim != 2 or Q.shape[1] != d:
            raise ValueError(f"Q must be of shape (m, {d}) like the rows of X, got {Q.shape}")
        queries = Q.astype(np.float64)
        if np.isnan(queries).any():
            raise ValueError("Q holds NaN, which is neither near nor far: fill or remove it first")
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
        """The label of most neighbours of each row of Q, (m,); on a tie the smallest of the tied labels.

        Raises ValueError, naming Q, when it does not fit X.
        """
        votes = self._codes[self.kneighbors(Q)[1]]  # (m, k)
        counts = np.zeros((len(Q), len(self.classes_)), dtype=np.int64)  # (m, u)
        # add.at, because a query may have several votes for the same label and += would keep only one of them.
        np.add.at(counts, (np.arange(len(Q))[:, None], votes), 1)
        # argmax takes the first of equals, which is the smallest label.
        return np.asarray(self.classes_[counts.argmax(axis=1)])

    def _squared_distances(self, queries: Array) -> Array:
        # The shorter |q|² - 2q·x + |x|² needs no (c, n, d), but subtracts nearly equal numbers: far from the origin
        # nothing of the distance is left.
        difference = queries[:, None, :] - self._X  # (c, 1, d) - (n, d) -> (c, n, d)
        return np.asarray(np.einsum("cnd,cnd->cn", difference, difference))  # (c, n)


# scikit-learn's KNeighborsClassifier does this search in C, chunk by chunk on every core, and for few columns it builds
# a KD tree or ball tree that skips most rows. Beyond some millions of vectors one gives up exactness: FAISS and hnswlib
# find nearly all of the true neighbours in a thousandth of the time.
