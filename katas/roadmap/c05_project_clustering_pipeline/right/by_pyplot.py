"""The same with pyplot, and a matching that recurses."""

import argparse
import sys

import clusters
import components
import k_means
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_iris


def best_trace(X, k=3, n_init=10, seed=0):
    rng = np.random.default_rng(seed)
    best = None
    for _ in range(n_init):
        steps = clusters.trace(X, k_means.plus_plus(X, k, rng))
        if best is None or steps[-1].inertia < best[-1].inertia:
            best = steps
    return best


def contingency(labels, truth, k):
    if len(labels) != len(truth):
        raise ValueError("the lengths differ")
    return np.bincount(labels * k + truth, minlength=k * k).reshape(k, k)


def best_way(table, row, free):
    if row == len(table):
        return 0, []
    ways = []
    for j in free:
        count, rest = best_way(table, row + 1, free - {j})
        ways.append((count + table[row][j], [j, *rest]))
    return max(ways)


def match(labels, truth, k):
    table = contingency(labels, truth, k).tolist()
    _, names = best_way(table, 0, frozenset(range(k)))
    return np.array([names[label] for label in labels])


def agreement(labels, truth, k):
    return float(np.mean(match(labels, truth, k) == truth))


def draw(points, labels, truth, names):
    if points.shape[1:] != (2,):
        raise ValueError("points must have two columns")
    figure, axes = plt.subplots(1, 2, figsize=(9, 4))
    plt.close(figure)
    low, high = points.min(axis=0) - 0.5, points.max(axis=0) + 0.5
    groupings = {"Clusters, matched": match(labels, truth, len(names)), "Labels": truth}
    for ax, (title, groups) in zip(axes, groupings.items(), strict=True):
        for j, name in enumerate(names):
            ax.scatter(*points[groups == j].T, c=[plt.get_cmap("viridis")(j / len(names))], label=name)
        ax.set_title(title)
        ax.set_xlabel("first")
        ax.set_ylabel("second")
        ax.set_xlim(low[0], high[0])
        ax.set_ylim(low[1], high[1])
        ax.legend()
    return figure


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="iris.png")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    iris = load_iris()
    names = iris.target_names.tolist()
    points = components.project(iris.data, k=2).points
    labels = best_trace(points, 3, seed=options.seed)[-1].labels
    figure = draw(points, labels, iris.target, names)
    try:
        figure.savefig(options.out)
    except Exception as error:
        print("cannot write", options.out, "-", error, file=sys.stderr)
        return 1
    print(f"agreement: {agreement(labels, iris.target, 3):.4f}")
    table = contingency(match(labels, iris.target, 3), iris.target, 3)
    for name, row in zip(names, table, strict=True):
        print(name + ":", *row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
