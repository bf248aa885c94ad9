"""K-means: the start, the two steps, and the loop around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.intp]


def plus_plus(X: NDArray[np.generic], k: int, rng: np.random.Generator) -> Array:
    """Return k rows of X as floats, drawn by their squared distance to the nearest centroid so far (k-means++)."""
    raise NotImplementedError


def assign(X: NDArray[np.generic], centroids: NDArray[np.generic]) -> Labels:
    """Return the index of the nearest centroid of each point, (n,); on a tie the lowest."""
    raise NotImplementedError


def update(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> Array:
    """Return the mean of each cluster's points, (k, d); a cluster without points keeps its centroid."""
    raise NotImplementedError


def inertia(X: NDArray[np.generic], labels: Labels, centroids: NDArray[np.generic]) -> float:
    """Return the sum of the squared distances of all points to the centroids of their labels."""
    raise NotImplementedError


class KMeans:
    """Lloyd's algorithm from several k-means++ starts; fit leaves centroids_, labels_ and inertia_ of the best."""

    def __init__(self, k: int, n_init: int = 10, max_iter: int = 300, seed: int = 0) -> None:
        raise NotImplementedError

    def fit(self, X: NDArray[np.generic]) -> KMeans:
        """Learn the centroids of X (n, d), and return the model."""
        raise NotImplementedError

    def predict(self, X: NDArray[np.generic]) -> Labels:
        """Return the labels (m,) of new points (m, d) by the centroids that were learned."""
        raise NotImplementedError
