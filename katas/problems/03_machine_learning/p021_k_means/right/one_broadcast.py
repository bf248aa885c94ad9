"""K-means with everything broadcast at once and a history of centroids."""

import numpy as np


def _gaps(X, C):
    X, C = np.asarray(X, float), np.asarray(C, float)
    return ((X[:, None, :] - C[None, :, :]) ** 2).sum(-1)


def plus_plus(X, k, rng):
    X = np.array(X, float)
    C = X[rng.integers(0, len(X), 1)]
    for _ in range(1, k):
        d = _gaps(X, C).min(1)
        if d.max() == 0:
            d[:] = 1
        edges = np.cumsum(d)
        C = np.vstack([C, X[np.searchsorted(edges, rng.random() * edges[-1], side="right")]])
    return C


def assign(X, centroids):
    return np.argmin(_gaps(X, centroids), axis=1)


def update(X, labels, centroids):
    member = labels[:, None] == np.arange(len(centroids))  # (n, k)
    counts = member.sum(0)
    sums = member.T.astype(float) @ np.asarray(X, float)
    return np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centroids)


def inertia(X, labels, centroids):
    return float(np.linalg.norm(np.asarray(X, float) - np.asarray(centroids, float)[labels]) ** 2)


class KMeans:
    def __init__(self, k, n_init=10, max_iter=300, seed=0):
        self.k, self.n_init, self.max_iter, self.seed = k, n_init, max_iter, seed

    def fit(self, X):
        X = np.asarray(X)
        if not np.isfinite(X).all():
            raise ValueError("X must be finite")
        if self.k < 1 or self.k > len(X):
            raise ValueError("k is out of range")
        rng = np.random.default_rng(self.seed)
        self.inertia_ = np.inf
        for _ in range(self.n_init):
            C = plus_plus(X, self.k, rng)
            for _ in range(self.max_iter):
                new = update(X, assign(X, C), C)
                still = np.array_equal(new, C)
                C = new
                if still:
                    break
            labels = assign(X, C)
            value = inertia(X, labels, C)
            if value < self.inertia_:
                self.inertia_, self.labels_, self.centroids_ = value, labels, C
        return self

    def predict(self, X):
        return assign(X, self.centroids_)
