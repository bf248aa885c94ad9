"""K-means observed: every iteration kept, the clusters and the paths of the centroids drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from k_means import assign, inertia, update
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
    """Iterate k-means from `start` until no label changes, and return every step.

    X: (n, d); start: (k, d); both left unchanged. At most max_iter + 1 steps.
    """
    raise NotImplementedError


def draw_clusters(X: Array, steps: list[Step], names: tuple[str, str] = ("x", "y")) -> Figure:
    """Draw the points by their last cluster, and the path of each centroid through all steps.

    X: (n, 2). Raises ValueError when X does not have two columns.
    """
    raise NotImplementedError


def draw_convergence(steps: list[Step]) -> Figure:
    """Draw the inertia of each step over its number."""
    raise NotImplementedError
