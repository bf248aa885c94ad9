"""K-means watched: every iteration kept, the clusters and the way of the centroids drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from k_means import assign, inertia, plus_plus, update
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """The state after one iteration; step 0 is the start.

    centroids: (k, d); labels: (n,), the nearest of these centroids for each point; inertia: of both.
    """

    centroids: Array
    labels: NDArray[np.intp]
    inertia: float


def trace(X: Array, start: Array, max_iter: int = 100) -> list[Step]:
    """Iterate k-means from `start` until no label changes, and keep every step.

    X: (n, d); start: (k, d); both left unchanged. At most max_iter + 1 steps.
    """
    raise NotImplementedError


def best_trace(X: Array, k: int, n_starts: int, rng: np.random.Generator) -> list[Step]:
    """Trace k-means from several k-means++ starts and give the trace that ends lowest.

    Raises ValueError when n_starts is below 1.
    """
    raise NotImplementedError


def draw_clusters(X: Array, steps: list[Step], names: tuple[str, str] = ("x", "y")) -> Figure:
    """Draw the points by their last cluster, and the way of each centroid through all steps.

    X: (n, 2). Raises ValueError when X does not have two columns.
    """
    raise NotImplementedError


def draw_convergence(steps: list[Step]) -> Figure:
    """Draw the inertia of each step over its number."""
    raise NotImplementedError
