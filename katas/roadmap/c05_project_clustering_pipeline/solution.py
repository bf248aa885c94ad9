"""Iris in two dimensions and three clusters, compared with its labels and drawn beside them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
from clusters import Step, trace
from components import project
from k_means import plus_plus
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[Any]


def best_trace(X: Array, k: int = 3, n_init: int = 10, seed: int = 0) -> list[Step]:
    """Return the trace of lowest final inertia of n_init k-means++ starts, drawn in turn from one generator."""
    rng = np.random.default_rng(seed)
    # Each start ends in a valley of its own; only the lowest is worth showing.
    return min((trace(X, plus_plus(X, k, rng)) for _ in range(n_init)), key=lambda steps: steps[-1].inertia)


def contingency(labels: Array, truth: Array, k: int) -> Array:
    """Count the rows of each cluster (row) and class (column), (k, k) integers; both are numbered from 0 to k - 1.

    Raises ValueError when labels and truth are not of one length.
    """
    if labels.shape != truth.shape:
        raise ValueError(f"labels and truth must have one shape, got {labels.shape} and {truth.shape}")
    table = np.zeros((k, k), dtype=np.int64)
    np.add.at(table, (labels, truth), 1)  # "table[labels, truth] += 1" would count each pair once
    return table


def match(labels: Array, truth: Array, k: int) -> Array:
    """Return the labels (n,) renamed one-to-one so that as many as possible equal those of truth.

    Raises ValueError when labels and truth are not of one length.
    """
    table = contingency(labels, truth, k)
    # All k! ways. Taking the largest number first may leave a poor rest, and two clusters must not share a name.
    best = max(permutations(range(k)), key=lambda names: int(table[range(k), names].sum()))
    return np.array(best)[labels]  # (n,)


def agreement(labels: Array, truth: Array, k: int) -> float:
    """Return the share of rows whose label equals that of truth, after the best matching.

    Raises ValueError when labels and truth are not of one length.
    """
    return float((match(labels, truth, k) == truth).mean())


def draw(points: Array, labels: Array, truth: Array, names: Sequence[str]) -> Figure:
    """Draw points (n, 2) twice, side by side: by their matched clusters and by their true labels.

    names: of the classes 0, 1, …. Raises ValueError when points does not have two columns.
    """
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points must have two columns to be drawn, got shape {points.shape}")
    k = len(names)
    share = agreement(labels, truth, k)
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    # Shared axes: the same point is at the same place in both pictures.
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, groups, title in (
        (left, match(labels, truth, k), f"clusters (agreement {share:.3f})"),
        (right, truth, "labels"),
    ):
        for j, name in enumerate(names):
            own = points[groups == j]
            # A colour belongs to a class, so that what differs between the pictures catches the eye.
            axes.scatter(own[:, 0], own[:, 1], s=20, alpha=0.7, color=f"C{j}", label=name)
        axes.set(title=title, xlabel="component 1", ylabel="component 2")
        axes.legend()
    return figure


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program on scikit-learn's Iris and return its exit code.

    argv: the arguments; None stands for those of the command line.
    """
    parser = argparse.ArgumentParser(prog="iris_clusters", description="Cluster Iris and compare with its labels.")
    parser.add_argument("--out", default="iris.png", metavar="PATH", help="the picture to write (iris.png)")
    parser.add_argument("--seed", type=int, default=0, help="of the starts of k-means (0)")
    arguments = parser.parse_args(argv)
    from sklearn.datasets import load_iris

    iris = load_iris()
    names = [str(name) for name in iris.target_names]
    points = project(iris.data, 2).points  # (150, 2)
    # The labels take no part in the clustering; they only judge it.
    labels = best_trace(points, len(names), seed=arguments.seed)[-1].labels
    try:
        draw(points, labels, iris.target, names).savefig(arguments.out)
    except (OSError, ValueError) as error:  # ValueError: a format that matplotlib does not know
        print(f"iris_clusters: cannot write {arguments.out}: {error}", file=sys.stderr)
        return 1
    print(f"agreement: {agreement(labels, iris.target, len(names)):.4f}")
    for name, row in zip(names, contingency(match(labels, iris.target, 3), iris.target, 3).tolist(), strict=True):
        print(f"{name}: {' '.join(str(count) for count in row)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())


# With many clusters k! is too many ways: scipy.optimize.linear_sum_assignment finds the best matching in k³ steps.
# scikit-learn's adjusted_rand_score needs no matching at all, as it asks of pairs whether they are together, and
# subtracts what chance would reach.
