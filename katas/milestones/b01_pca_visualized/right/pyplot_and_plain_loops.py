"""One row at a time, pictures by pyplot, new rows as hollow circles."""
import dataclasses

import matplotlib.pyplot as plt
import numpy as np
from pca import PCA
from sklearn.datasets import load_digits


@dataclasses.dataclass(frozen=True)
class Map:
    mean: np.ndarray
    components: np.ndarray
    variances: np.ndarray
    ratios: np.ndarray
    whiten: bool = False


def fit_map(x, k=2, whiten=False):
    pca = PCA(k)
    pca.fit(np.array(x, dtype=float))
    rows = []
    for c in pca.components_:
        rows.append(-c if max(c) < -min(c) else c)
    return Map(pca.mean_, np.array(rows), pca.explained_variance_, pca.explained_variance_ratio_, whiten)


def units(m):
    if not m.whiten:
        return [1.0] * len(m.variances)
    return [v**0.5 if v > 1e-10 * max(m.variances) else 0.0 for v in m.variances]


def place(m, x):
    points = np.zeros((len(x), len(m.components)))
    for i, row in enumerate(x):
        for j, (c, unit) in enumerate(zip(m.components, units(m))):
            points[i, j] = np.dot(row - m.mean, c) / unit if unit else 0.0
    return points


def rebuild(m, points):
    return np.array([m.mean + sum(p * u * c for p, u, c in zip(point, units(m), m.components)) for point in points])


def kept(m, x):
    lost = np.linalg.norm(x - rebuild(m, place(m, x))) ** 2
    return 1 - lost / np.linalg.norm(x - m.mean) ** 2


def kept_curve(x, x_new, k):
    maps = [fit_map(x, i + 1) for i in range(k)]
    return [kept(m, x) for m in maps], [kept(m, x_new) for m in maps]


def draw_map(m, x, labels, names, x_new=None, labels_new=None):
    figure, ax = plt.subplots()
    points = place(m, x)
    for j in range(len(names)):
        ax.scatter(points[labels == j, 0], points[labels == j, 1], c=[plt.cm.tab10(j)], label=names[j])
    if x_new is not None:
        new = place(m, x_new)
        for j in range(len(names)):
            here = labels_new == j
            ax.scatter(new[here, 0], new[here, 1], facecolors="none", edgecolors=[plt.cm.tab10(j)])
    plt.xlabel("%.1f%%" % (100 * m.ratios[0]))
    plt.ylabel("%.1f%%" % (100 * m.ratios[1]))
    plt.axis("equal")
    figure.legend(title="class")
    return figure


def draw_scree(x, x_new, k=10):
    figure = plt.figure()
    at = [i + 1 for i in range(k)]
    for i, ratio in zip(at, fit_map(x, k).ratios):
        plt.bar(i, ratio)
    for curve, label in zip(kept_curve(x, x_new, k), ("training", "new")):
        plt.plot(at, curve, label=label)
    plt.ylim(-0.02, 1.02)
    plt.xlabel("k")
    plt.ylabel("share")
    plt.legend()
    return figure


def fight(n_train=300, n_new=300):
    x, y = load_digits(return_X_y=True)
    x, x_new, _ = np.split(x, [n_train, n_train + n_new])
    y, y_new, _ = np.split(y, [n_train, n_train + n_new])
    return draw_map(fit_map(x), x, y, [str(i) for i in range(10)], x_new, y_new), draw_scree(x, x_new)
