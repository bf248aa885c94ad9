"""predict gives the numbers of the labels, not the labels."""

from __future__ import annotations
from typing import Any
import numpy as np
from numpy.typing import NDArray
Array = NDArray[np.float64]
Indices = NDArray[np.intp]

def k_smallest(distances: NDArray[Any], k: int) -> Indices:
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(distances, nearest, axis=1), axis=1)
    return np.take_along_axis(nearest, order, axis=1)

class KNNClassifier:

    def __init__(self, k: int=5, chunk_size: int=64) -> None:
        self.k = k
        self.chunk_size = chunk_size

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> KNNClassifier:
        if X.ndim != 2 or len(X) == 0:
            raise ValueError(f'X must be of shape (n, d) with at least one row, got {X.shape}')
        if y.shape != (len(X),):
            raise ValueError(f'y must be of shape ({len(X)},), got {y.shape}')
        if not 1 <= self.k <= len(X):
            raise ValueError(f'k must be between 1 and the {len(X)} rows of X, got {self.k}')
        if self.chunk_size < 1:
            raise ValueError(f'chunk_size must be at least 1, got {self.chunk_size}')
        self._X = X.astype(np.float64)
        if np.isnan(self._X).any():
            raise ValueError('X holds NaN, which is neither near nor far: fill or remove it first')
        self.classes_, self._codes = np.unique(y, return_inverse=True)
        return self

    def kneighbors(self, Q: NDArray[Any]) -> tuple[Array, Indices]:
        d = self._X.shape[1]
        if Q.ndim != 2 or Q.shape[1] != d:
            raise ValueError(f'Q must be of shape (m, {d}) like the rows of X, got {Q.shape}')
        queries = Q.astype(np.float64)
        if np.isnan(queries).any():
            raise ValueError('Q holds NaN, which is neither near nor far: fill or remove it first')
        distances = np.empty((len(Q), self.k))
        indices = np.empty((len(Q), self.k), dtype=np.intp)
        for start in range(0, len(Q), self.chunk_size):
            rows = slice(start, start + self.chunk_size)
            squared = self._squared_distances(queries[rows])
            indices[rows] = k_smallest(squared, self.k)
            distances[rows] = np.sqrt(np.take_along_axis(squared, indices[rows], axis=1))
        return (distances, indices)

    def predict(self, Q: NDArray[Any]) -> NDArray[Any]:
        votes = self._codes[self.kneighbors(Q)[1]]
        counts = np.zeros((len(Q), len(self.classes_)), dtype=np.int64)
        np.add.at(counts, (np.arange(len(Q))[:, None], votes), 1)
        return counts.argmax(axis=1)

    def _squared_distances(self, queries: Array) -> Array:
        difference = queries[:, None, :] - self._X
        return np.asarray(np.einsum('cnd,cnd->cn', difference, difference))
