"""With pyplot, one colour map for points and lines, and lists; a while loop with a flag."""

from dataclasses import dataclass

import k_means
import matplotlib.pyplot as plt
import numpy as np


@dataclass
class Step:
    centroids: np.ndarray
    labels: np.ndarray
    inertia: float


def trace(X, start, max_iter=100):
    centroids = np.asarray(start, dtype=float).copy()
    labels = k_means.assign(X, centroids)
    steps = [Step(centroids, labels, k_means.inertia(X, labels, centroids))]
    n = 0
    changed = True
    while changed and n < max_iter:
        centroids = k_means.update(X, labels, centroids)
        new = k_means.assign(X, centroids)
        changed = (new != labels).any()
        labels = new
        steps.append(Step(centroids, labels, k_means.inertia(X, labels, centroids)))
        n += 1
    return steps


def draw_clusters(X, steps, names=("x", "y")):
    if np.ndim(X) != 2 or np.shape(X)[1] != 2:
        raise ValueError("X: two columns, please")
    fig, ax = plt.subplots()
    k = len(steps[0].centroids)
    for j in range(k):
        mask = steps[-1].labels == j
        if mask.any():
            ax.scatter(
                *X[mask].T, c=np.full(mask.sum(), j), cmap="turbo", vmin=0, vmax=max(k - 1, 1), label=f"cluster {j}"
            )
    for j in range(k):
        xs = [s.centroids[j][0] for s in steps]
        ys = [s.centroids[j][1] for s in steps]
        ax.plot(xs, ys, "o-", color=plt.get_cmap("turbo")(j / max(k - 1, 1)), label=f"centroid {j}")
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.set_title(f"after {len(steps) - 1} iterations")
    ax.axis("equal")
    ax.legend()
    plt.close(fig)
    return fig


def draw_convergence(steps):
    fig, ax = plt.subplots()
    ax.plot([s.inertia for s in steps])
    ax.set_xlabel("Iteration")
    ax.set_ylabel("Inertia")
    plt.close(fig)
    return fig
