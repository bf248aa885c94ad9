"""K-means: the start, the two steps, and the loop around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.intp]


def plus_plus(X: NDArray[np.generic], k: int, rng: np.random.Generator) -> Array:
    """Choose k rows of X as the first centroids, far apart by chance (k-means++).

    X: (n, d), any real dtype, left unchanged. Returns (k, d) float64.
    A row is drawn with a probability proportional to its squared distance to the nearest centroid chosen so far.
    """
    raise NotImplementedError


def assign(X: NDArray[np.generic], centroids: NDArray[np.generic]) -> Labels:
    """Find the nearest centroid of each point.

    X: (n, d), n may be 0; centroids: (k, d). Returns (n,) integers from 0 to k - 1; the lowest index on a tie.
    """
    raise NotImplementedError


def update(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> Array:
    """Move each centroid to the mean of its points.

    X: (n, d); labels: (n,); centroids: (k, d), left unchanged. Returns (k, d) float64.
    A cluster without points keeps its centroid.
    """
    raise NotImplementedError


def inertia(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> float:
    """Sum the squared distances of all points to the centroids of their own clusters."""
    raise NotImplementedError


class KMeans:
    """Lloyd's algorithm from several k-means++ starts, the best of which is kept.

    After `fit`: centroids_ (k, d) float64, labels_ (n,) integers, inertia_ float.
    """

    def __init__(self, k: int, n_init: int = 10, max_iter: int = 300, seed: int = 0) -> None:
        raise NotImplementedError

    def fit(self, X: NDArray[np.generic]) -> KMeans:
        """Learn the centroids of X (n, d); gives the model itself.

        Raises ValueError when X is not 2-D or not finite, or k is not between 1 and n.
        """
        raise NotImplementedError

    def predict(self, X: NDArray[np.generic]) -> Labels:
        """Label new points (m, d) by the centroids that were learned."""
        raise NotImplementedError
