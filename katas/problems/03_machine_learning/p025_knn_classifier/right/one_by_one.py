"""One query at a time inside each chunk, the coordinates one after the other, votes by bincount."""

import numpy as np


def k_smallest(distances, k):
    n = distances.shape[1]
    if k == n:
        return np.argsort(distances, axis=1)
    limit = np.partition(distances, k - 1, axis=1)[:, k - 1]
    out = np.empty((len(distances), k), dtype=int)
    for i, row in enumerate(distances):
        below = np.flatnonzero(row < limit[i])
        equal = np.flatnonzero(row == limit[i])[: k - len(below)]
        found = np.concatenate([below, equal])
        out[i] = found[np.argsort(row[found], kind="stable")]
    return out


class KNNClassifier:
    def __init__(self, k=5, chunk_size=64):
        if k < 1:
            raise ValueError("k must be positive")
        if chunk_size < 1:
            raise ValueError("chunk_size must be positive")
        self.k, self.chunk_size = k, chunk_size

    @staticmethod
    def _table(values, name):
        table = np.array(values, dtype=float)
        if table.ndim != 2 or np.isnan(table).any():
            raise ValueError(f"{name} must be a table without NaN")
        return table

    def fit(self, X, y):
        X = self._table(X, "X")
        if len(X) == 0:
            raise ValueError("X has no rows")
        y = np.array(y)
        if y.shape != (len(X),):
            raise ValueError("y must have a label for each row")
        if self.k > len(X):
            raise ValueError("k is larger than the number of rows")
        self.X, self.y = X, y
        self.labels = np.array(sorted(set(y.tolist())), dtype=y.dtype)
        return self

    def kneighbors(self, Q):
        Q = self._table(Q, "Q")
        if Q.shape[1] != self.X.shape[1]:
            raise ValueError("Q has another number of columns")
        distances, indices = [np.empty((0, self.k))], [np.empty((0, self.k), dtype=int)]
        for start in range(0, len(Q), self.chunk_size):
            part = Q[start : start + self.chunk_size]
            table = np.zeros((len(part), len(self.X)))
            for j in range(Q.shape[1]):
                table += (part[:, j, None] - self.X[None, :, j]) ** 2
            table = np.sqrt(table)
            found = k_smallest(table, self.k)
            indices.append(found)
            distances.append(np.take_along_axis(table, found, axis=1))
        return np.concatenate(distances), np.concatenate(indices)

    def predict(self, Q):
        found = self.y[self.kneighbors(Q)[1]]
        counts = (found[:, :, None] == self.labels).sum(axis=1)
        return self.labels[counts.argmax(axis=1)]
