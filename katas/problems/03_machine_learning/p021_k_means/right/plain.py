"""The task in few lines, without annotations; most mistakes of this kata are edits of it."""

import numpy as np


def squared_distances(X, centroids):
    X = np.asarray(X, dtype=float)
    centroids = np.asarray(centroids, dtype=float)
    return ((X[:, None, :] - centroids) ** 2).sum(axis=2)


def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    chosen = [int(rng.integers(len(X)))]
    while len(chosen) < k:
        nearest = squared_distances(X, X[chosen]).min(axis=1)
        total = nearest.sum()
        if total > 0:
            chosen.append(int(rng.choice(len(X), p=nearest / total)))
        else:
            chosen.append(int(rng.integers(len(X))))
    return X[chosen]


def assign(X, centroids):
    return squared_distances(X, centroids).argmin(axis=1)


def update(X, labels, centroids):
    X = np.asarray(X, dtype=float)
    moved = np.array(centroids, dtype=float)
    for j in range(len(moved)):
        if (labels == j).any():
            moved[j] = X[labels == j].mean(axis=0)
    return moved


def inertia(X, labels, centroids):
    gaps = np.asarray(X, dtype=float) - np.asarray(centroids, dtype=float)[labels]
    return float((gaps**2).sum())


class KMeans:
    def __init__(self, k, n_init=10, max_iter=300, seed=0):
        self.k = k
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X):
        X = np.asarray(X, dtype=float)
        if not np.isfinite(X).all():
            raise ValueError("X holds NaN or infinity")
        if not 1 <= self.k <= len(X):
            raise ValueError(f"k={self.k} does not fit {len(X)} points")
        rng = np.random.default_rng(self.seed)
        best = None
        for _ in range(self.n_init):
            centroids = plus_plus(X, self.k, rng)
            labels = assign(X, centroids)
            for _ in range(self.max_iter):
                centroids = update(X, labels, centroids)
                previous, labels = labels, assign(X, centroids)
                if np.array_equal(previous, labels):
                    break
            value = inertia(X, labels, centroids)
            if best is None or value < best[0]:
                best = value, labels, centroids
        self.inertia_, self.labels_, self.centroids_ = best
        return self

    def predict(self, X):
        return assign(X, self.centroids_)
