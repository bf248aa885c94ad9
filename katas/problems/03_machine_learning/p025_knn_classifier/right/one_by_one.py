"""One query at a time, votes by a Counter; what is bad is found in the search."""

from collections import Counter

import numpy as np


def k_smallest(distances, k):
    found = []
    for row in distances:
        limit = np.partition(row, k - 1)[k - 1]
        few = np.flatnonzero(row <= limit)
        found.append(few[np.argsort(row[few], kind="stable")][:k])
    return np.array(found)


class KNNClassifier:
    def __init__(self, k=5, chunk_size=64):
        self.k = k

    def fit(self, X, y):
        self.X, self.y = X, y
        return self

    def kneighbors(self, Q):
        if len(self.X) != len(self.y) or self.X.shape[1] != Q.shape[1]:
            raise ValueError("X, y and Q do not go together")
        if not 1 <= self.k <= len(self.X) or np.isnan(self.X).any() or np.isnan(Q).any():
            raise ValueError("k is out of range, or there is NaN")
        X = self.X.astype(float)
        distances, indices = [], []
        for q in Q.astype(float):
            row = np.linalg.norm(X - q, axis=1)
            nearest = k_smallest(row[None], self.k)[0]
            distances.append(row[nearest])
            indices.append(nearest)
        return np.array(distances), np.array(indices)

    def predict(self, Q):
        winners = []
        for labels in self.y[self.kneighbors(Q)[1]].tolist():
            votes = Counter(labels)
            winners.append(min(votes, key=lambda label: (-votes[label], label)))
        return np.array(winners)
