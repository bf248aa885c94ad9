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
    """Give the squared distance of every point to every centroid, (n, k)."""
    points, centres = _floats(X), _floats(centroids)
    distances = np.empty((len(points), len(centres)))  # (n, k)
    # One centroid at a time holds (n, d) numbers, where broadcasting all at once would hold (n, k, d). The shorter form
    # |x|² - 2x·c + |c|² subtracts nearly equal numbers: at 1e8 from the origin nothing of the distance is left.
    for j, centre in enumerate(centres):
        difference = points - centre  # (n, d)
        distances[:, j] = np.einsum("nd,nd->n", difference, difference)
    return distances


def plus_plus(X: NDArray[np.generic], k: int, rng: np.random.Generator) -> Array:
    """Choose k rows of X as the first centroids, far apart by chance (k-means++).

    X: (n, d), any real dtype, left unchanged. Returns (k, d) float64.
    A row is drawn with a probability proportional to its squared distance to the nearest centroid chosen so far.
    Source: Arthur and Vassilvitskii 2007, section 2.2.
    """
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
    """Find the nearest centroid of each point.

    X: (n, d), n may be 0; centroids: (k, d). Returns (n,) integers from 0 to k - 1; the lowest index on a tie.
    """
    # No root: it does not change which distance is the least. argmin takes the first of equals.
    labels: Labels = _squared_distances(X, centroids).argmin(axis=1)  # (n,)
    return labels


def update(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> Array:
    """Move each centroid to the mean of its points.

    X: (n, d); labels: (n,); centroids: (k, d), left unchanged. Returns (k, d) float64.
    A cluster without points keeps its centroid.
    """
    points = _floats(X)
    moved = _floats(centroids).copy()
    # Only clusters that occur are touched: the mean of nothing is NaN, and a NaN centroid never wins a point again.
    for j in np.unique(labels):
        moved[j] = points[labels == j].mean(axis=0)
    return moved


def inertia(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> float:
    """Sum the squared distances of all points to the centroids of their own clusters."""
    difference = _floats(X) - _floats(centroids)[labels]  # (n, d)
    return float(np.sum(difference**2))


class KMeans:
    """Lloyd's algorithm from several k-means++ starts, the best of which is kept.

    After `fit`: centroids_ (k, d) float64, labels_ (n,) integers, inertia_ float.
    """

    def __init__(self, k: int, n_init: int = 10, max_iter: int = 300, seed: int = 0) -> None:
        self.k = k
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed

    def fit(self, X: NDArray[np.generic]) -> KMeans:
        """Learn the centroids of X (n, d); gives the model itself.

        Raises ValueError when X is not 2-D or not finite, or k is not between 1 and n.
        """
        points = self._checked(X)
        # Made here, not in __init__, so that a second fit starts from the same place.
        rng = np.random.default_rng(self.seed)
        # Every run ends in some valley, not in the deepest one: hence several, and the best is kept.
        runs = [self._run(points, plus_plus(points, self.k, rng)) for _ in range(self.n_init)]
        self.inertia_, self.labels_, self.centroids_ = min(runs, key=lambda run: run[0])
        return self

    def predict(self, X: NDArray[np.generic]) -> Labels:
        """Label new points (m, d) by the centroids that were learned."""
        return assign(X, self.centroids_)

    def _checked(self, X: NDArray[np.generic]) -> Array:
        points = _floats(X)
        if points.ndim != 2:
            raise ValueError(f"X must have shape (n, d), got {points.shape}")
        if not np.isfinite(points).all():
            raise ValueError("X holds NaN or infinity: remove or fill those values first")
        if not 1 <= self.k <= len(points):
            raise ValueError(f"k must be between 1 and the {len(points)} points of X, got {self.k}")
        return points

    def _run(self, X: Array, centroids: Array) -> tuple[float, Labels, Array]:
        """Walk from one start to its valley; gives (inertia, labels, centroids)."""
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
