"""Step 0 holds the caller's own array, not a copy, and changes when the caller goes on to use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from k_means import assign, inertia, plus_plus, update
from matplotlib import colormaps
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


def _step(X: Array, centroids: Array) -> Step:
    labels = assign(X, centroids)
    return Step(centroids, labels, inertia(X, labels, centroids))


def trace(X: Array, start: Array, max_iter: int = 100) -> list[Step]:
    """Iterate k-means from `start` until no label changes, and keep every step."""
    steps = [_step(X, np.asarray(start, dtype=np.float64))]
    for _ in range(max_iter):
        before = steps[-1]
        steps.append(_step(X, update(X, before.labels, before.centroids)))
        if np.array_equal(steps[-1].labels, before.labels):
            break
    return steps


def best_trace(X: Array, k: int, n_starts: int, rng: np.random.Generator) -> list[Step]:
    """Trace k-means from several k-means++ starts and give the trace that ends lowest."""
    if n_starts < 1:
        raise ValueError(f"n_starts must be 1 or more, got {n_starts}")
    traces = [trace(X, plus_plus(X, k, rng)) for _ in range(n_starts)]
    return min(traces, key=lambda steps: steps[-1].inertia)


def draw_clusters(X: Array, steps: list[Step], names: tuple[str, str] = ("x", "y")) -> Figure:
    """Draw the points by their last cluster, and the way of each centroid through all steps."""
    points = np.asarray(X)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"X must have two columns, got shape {points.shape}")
    figure = Figure()
    ax = figure.subplots()
    labels = steps[-1].labels
    ways = np.stack([step.centroids for step in steps])  # (steps, k, 2)
    k = ways.shape[1]
    colours = colormaps["hsv"](np.arange(k) / k)  # (k, 4)
    for j in range(k):
        members = points[labels == j]
        if len(members):
            ax.scatter(members[:, 0], members[:, 1], color=colours[j], label=f"cluster {j}")
        ax.plot(ways[:, j, 0], ways[:, j, 1], marker="x", color=colours[j], label=f"centroid {j}")
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.set_aspect("equal")
    ax.set_title(f"k-means after {len(steps) - 1} iterations")
    ax.legend()
    return figure


def draw_convergence(steps: list[Step]) -> Figure:
    """Draw the inertia of each step over its number."""
    figure = Figure()
    ax = figure.subplots()
    ax.plot(range(len(steps)), [step.inertia for step in steps], marker="o")
    ax.set_xlabel("iteration")
    ax.set_ylabel("inertia")
    return figure
