"""Chunks joined by np.vstack, votes compared each with each, as a library might do it."""

import numpy as np


def k_smallest(distances, k):
    return np.argpartition(distances, range(k), axis=-1)[..., :k].copy()


def validated(values, name):
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError(f"{name} must be two-dimensional and finite")
    return values


class KNNClassifier:
    def __init__(self, k=5, chunk_size=64):
        if k < 1:
            raise ValueError("k must be positive")
        self.k, self.chunk_size = k, chunk_size

    def fit(self, X, y):
        self.X = validated(X, "X")
        if len(X) != len(y) or self.k > len(X):
            raise ValueError("y, or k, does not go with X")
        self.labels, self.codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def kneighbors(self, Q):
        Q = validated(Q, "Q")
        if Q.shape[1] != self.X.shape[1]:
            raise ValueError("Q has other columns than X")
        parts = [self.search(Q[start : start + self.chunk_size]) for start in range(0, len(Q), self.chunk_size)]
        return np.vstack([part[0] for part in parts]), np.vstack([part[1] for part in parts])

    def search(self, Q):
        distances = np.sqrt(((Q[:, np.newaxis] - self.X[np.newaxis]) ** 2).sum(axis=-1))
        nearest = k_smallest(distances, self.k)
        return np.take_along_axis(distances, nearest, axis=1), nearest

    def predict(self, Q):
        votes = self.codes[self.kneighbors(Q)[1]]
        counts = (votes[:, :, None] == votes[:, None, :]).sum(axis=-1)
        return self.labels[np.where(counts == counts.max(axis=1, keepdims=True), votes, len(self.labels)).min(axis=1)]
