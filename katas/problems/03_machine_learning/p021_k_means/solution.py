"""K-means: the start, the two steps, and the loop around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

# n points of d numbers, k centroids.


def _floats(values: NDArray[np.generic]) -> Array:
    # Before any subtraction: in uint8, 3 - 5 is 254.
    return np.asarray(values, dtype=np.float64)


def _squared_distances(X: NDArray[np.generic], centroids: NDArray[np.generic]) -> Array:
    """Return the squared distance of each point to each centroid, (n, k)."""
    points, centres = _floats(X), _floats(centroids)
    distances = np.empty((len(points), len(centres)))  # (n, k)
    # One centroid at a time holds (n, d) numbers, where broadcasting all at once would hold (n, k, d). The shorter form
    # |x|² - 2x·c + |c|² subtracts nearly equal numbers: at 1e8 from the origin nothing of the distance is left.
    for j, centre in enumerate(centres):
        difference = points - centre  # (n, d)
        distances[:, j] = np.einsum("nd,nd->n", difference, difference)
    return distances


def plus_plus(X: NDArray[np.generic], k: int, rng: np.random.Generator) -> Array:
    """Return k rows of X as floats, drawn by their squared distance to the nearest centroid so far (k-means++)."""
    points = _floats(X)
    chosen = [int(rng.integers(len(points)))]
    nearest = _squared_distances(points, points[chosen])[:, 0]  # (n,)
    while len(chosen) < k:
        total = nearest.sum()
        # A row that is already a centroid has weight 0, so that no place is taken twice while another is free.
        row = int(rng.choice(len(points), p=nearest / total)) if total > 0 else int(rng.integers(len(points)))
        chosen.append(row)
        # Only the newest centroid can have come nearer than all before it.
        nearest = np.minimum(nearest, _squared_distances(points, points[[row]])[:, 0])
    return points[chosen]  # (k, d)


def assign(X: NDArray[np.generic], centroids: NDArray[np.generic]) -> Labels:
    """Return the index of the nearest centroid of each point, (n,); on a tie the lowest."""
    # No root: it does not change which distance is the least. argmin takes the first of equals.
    labels: Labels = _squared_distances(X, centroids).argmin(axis=1)  # (n,)
    return labels


def update(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> Array:
    """Return the mean of each cluster's points, (k, d); a cluster without points keeps its centroid."""
    points = _floats(X)
    moved = _floats(centroids).copy()
    # Only clusters that occur are touched: the mean of nothing is NaN, and a NaN centroid never wins a point again.
    for j in np.unique(labels):
        moved[j] = points[labels == j].mean(axis=0)
    return moved


def inertia(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> float:
    """Return the sum of the squared distances of all points to the centroids of their labels."""
    difference = _floats(X) - _floats(centroids)[labels]  # (n, d)
    return float(np.sum(difference**2))


class KMeans:
    """Lloyd's algorithm from several k-means++ starts; fit leaves centroids_, labels_ and inertia_ of the best."""

    def __init__(self, k: int, n_init: int = 10, max_iter: int = 300, seed: int = 0) -> None:
        self.k = k
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X: NDArray[np.generic]) -> KMeans:
        """Learn the centroids of X (n, d), and return the model."""
        points = _floats(X)
        if not np.isfinite(points).all():
            raise ValueError("X holds NaN or infinity: remove or fill those values first")
        if not 1 <= self.k <= len(points):
            raise ValueError(f"k must be between 1 and the {len(points)} points of X, got {self.k}")
        # Made here, not in __init__, so that a second fit starts from the same place.
        rng = np.random.default_rng(self.seed)
        # Each run ends in some valley, not in the deepest one: hence several, and the best is kept.
        runs = [self._run(points, plus_plus(points, self.k, rng)) for _ in range(self.n_init)]
        self.inertia_, self.labels_, self.centroids_ = min(runs, key=lambda run: run[0])
        return self

    def predict(self, X: NDArray[np.generic]) -> Labels:
        """Return the labels (m,) of new points (m, d) by the centroids that were learned."""
        return assign(X, self.centroids_)

    def _run(self, X: Array, centroids: Array) -> tuple[float, Labels, Array]:
        """Walk from one start to its valley; return (inertia, labels, centroids)."""
        labels = assign(X, centroids)
        for _ in range(self.max_iter):
            # Each half step lowers the inertia or leaves it: the mean is the best centre for fixed labels, the nearest
            # centre the best label for fixed centres. There are finitely many labellings, so the walk ends.
            centroids = update(X, labels, centroids)
            previous, labels = labels, assign(X, centroids)
            if np.array_equal(labels, previous):
                break
        return inertia(X, labels, centroids), labels, centroids


# scikit-learn's KMeans does the same and more: each k-means++ draw tries 2 + log(k) candidates and keeps the best,
# Elkan's variant skips distances that the triangle inequality rules out, an empty cluster takes over the farthest
# point, X is centred first so that the fast |x|² - 2x·c + |c|² form is safe, and all of it runs in C on every core.
