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
    # A copy: whoever changes `start` later must not change the past.
    steps = [_step(X, np.array(start, dtype=np.float64))]
    for _ in range(max_iter):
        last = steps[-1]
        steps.append(_step(X, update(X, last.labels, last.centroids)))
        # Equal labels mean equal means: the next update would change nothing.
        if np.array_equal(steps[-1].labels, last.labels):
            break
    return steps


def _step(X: Array, centroids: Array) -> Step:
    # Labels and inertia are taken from these centroids, so that a step is true in itself.
    labels = assign(X, centroids)
    return Step(centroids, labels, inertia(X, labels, centroids))


def draw_clusters(X: Array, steps: list[Step], names: tuple[str, str] = ("x", "y")) -> Figure:
    """Draw the points by their last cluster, and the path of each centroid through all steps.

    X: (n, 2). Raises ValueError when X does not have two columns.
    """
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X must have two columns to be drawn, got shape {X.shape}")
    # A Figure of its own, not pyplot's: nothing global, nothing to close.
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    last = steps[-1]
    paths = np.stack([step.centroids for step in steps])  # (steps, k, 2)
    for j in range(len(last.centroids)):
        # "C0", "C1", … repeat after ten; a wheel of hues does not.
        colour = _hue(j, len(last.centroids))
        own = X[last.labels == j]
        if len(own):
            axes.scatter(own[:, 0], own[:, 1], s=18, alpha=0.5, color=colour, label=f"cluster {j}")
        axes.plot(paths[:, j, 0], paths[:, j, 1], marker="x", color=colour, label=f"centroid {j}")
    axes.set(xlabel=names[0], ylabel=names[1], title=f"k-means, {len(steps) - 1} iterations")
    # Nearest by Euclid looks nearest only where both axes have the same scale.
    axes.set_aspect("equal")
    axes.legend(fontsize="small")
    return figure


def _hue(j: int, k: int) -> tuple[float, float, float]:
    from matplotlib.colors import hsv_to_rgb

    red, green, blue = hsv_to_rgb((j / k, 0.85, 0.75))
    return float(red), float(green), float(blue)


def draw_convergence(steps: list[Step]) -> Figure:
    """Draw the inertia of each step over its number."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    axes.plot(range(len(steps)), [step.inertia for step in steps], marker="o")
    axes.set(xlabel="iteration", ylabel="inertia (sum of squared distances)", title=f"{len(steps) - 1} iterations")
    return figure


# scikit-learn keeps only the end (cluster_centers_, n_iter_, inertia_), and with verbose=1 prints the inertia of each
# iteration. It also stops when the centroids move less than a tolerance: on a million points the last labels flicker
# long after the picture has settled.
