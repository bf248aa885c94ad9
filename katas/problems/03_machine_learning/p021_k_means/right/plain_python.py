"""K-means one number at a time, with a little NumPy at the edges."""

import numpy as np


def _gap(p, c):
    return sum((float(a) - float(b)) ** 2 for a, b in zip(p, c))


def plus_plus(X, k, rng):
    rows = np.asarray(X).tolist()
    chosen = [rows[rng.integers(len(rows))]]
    while len(chosen) < k:
        weights = [min(_gap(r, c) for c in chosen) for r in rows]
        total = sum(weights)
        if total == 0:
            chosen.append(rows[rng.integers(len(rows))])
            continue
        at = rng.uniform(0, total)
        running = 0.0
        pick = max(i for i, w in enumerate(weights) if w > 0)
        for i, weight in enumerate(weights):
            running += weight
            if weight > 0 and at < running:
                pick = i
                break
        chosen.append(rows[pick])
    return np.array(chosen, dtype=float)


def assign(X, centroids):
    found = []
    for p in np.asarray(X).tolist():
        gaps = [_gap(p, c) for c in np.asarray(centroids).tolist()]
        found.append(gaps.index(min(gaps)))
    return np.array(found, dtype=int)


def update(X, labels, centroids):
    new = np.array(centroids, dtype=float)
    for j in range(len(new)):
        own = [p for p, label in zip(np.asarray(X).tolist(), labels) if label == j]
        if own:
            new[j] = [sum(column) / len(own) for column in zip(*own)]
    return new


def inertia(X, labels, centroids):
    return sum(_gap(p, centroids[j]) for p, j in zip(np.asarray(X).tolist(), labels))


class KMeans:
    def __init__(self, k, n_init=10, max_iter=300, seed=0):
        self.k = k
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X):
        X = np.asarray(X)
        if not np.isfinite(X).all():
            raise ValueError("X must be finite")
        if not 0 < self.k <= X.shape[0]:
            raise ValueError(f"cannot make k={self.k} clusters")
        rng = np.random.default_rng(self.seed)
        best = None
        for _ in range(self.n_init):
            centroids = plus_plus(X, self.k, rng)
            labels = None
            for _ in range(self.max_iter):
                new_labels = assign(X, centroids)
                if labels is not None and (labels == new_labels).all():
                    break
                labels = new_labels
                centroids = update(X, labels, centroids)
            labels = assign(X, centroids)
            score = inertia(X, labels, centroids)
            if best is None or score < best[0]:
                best = (score, labels, centroids)
        self.inertia_, self.labels_, self.centroids_ = best
        return self

    def predict(self, X):
        return assign(np.asarray(X), self.centroids_)
