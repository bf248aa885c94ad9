"""A map of many columns in two dimensions: fitted once, used for new rows, measured and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pca import PCA

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Map:
    """What the training rows have decided.

    mean: (d,). components: (k, d), one direction of length 1 per row. variances: (k,), those of the training points
    along each direction, largest first. ratios: (k,), their shares of the whole variance. whiten: see `place`.
    """

    mean: Array
    components: Array
    variances: Array
    ratios: Array
    whiten: bool = False


def fit_map(x: NDArray[Any], k: int = 2, whiten: bool = False) -> Map:
    """Return the map of the k leading directions of x (n, d), with pinned signs; columns are not standardised."""
    pca = PCA(n_components=k).fit(x)
    # An eigenvector is as good as its negative; without a rule the picture may be mirrored on the next machine.
    largest = np.abs(pca.components_).argmax(axis=1)  # (k,)
    signs = np.sign(pca.components_[np.arange(k), largest])  # (k,)
    return Map(
        mean=pca.mean_,
        components=pca.components_ * signs[:, None],
        variances=pca.explained_variance_,
        ratios=pca.explained_variance_ratio_,
        whiten=whiten,
    )


def _scale(m: Map) -> Array:
    """Return the length of one unit of each axis (k,): 1, or the standard deviation where the map whitens."""
    if not m.whiten:
        return np.ones(len(m.variances))
    # What is left of a flat direction is rounding. Divided by its own tiny deviation it would look like the others.
    has_spread = m.variances > 1e-10 * m.variances[0]
    return np.where(has_spread, np.sqrt(m.variances), np.inf)


def place(m: Map, x: NDArray[Any]) -> Array:
    """Return the points (n, k) of the rows of x (n, d), seen from the mean of the training rows.

    A map that whitens divides each coordinate by the standard deviation of the training points; along a direction
    without spread it is 0.
    """
    # Nothing is learned here: neither the mean nor the scale of x counts, or a single row would lie at the origin.
    return np.asarray((x - m.mean) @ m.components.T / _scale(m))  # (n, k)


def rebuild(m: Map, points: Array) -> Array:
    """Return the rows (n, d) that the points (n, k) stand for."""
    scale = _scale(m)
    # A flat direction has nothing to add: 0 · inf would be NaN.
    return np.asarray(points * np.where(np.isfinite(scale), scale, 0.0) @ m.components + m.mean)  # (n, d)


def kept(m: Map, x: NDArray[Any]) -> float:
    """Return the share of the squared distances of x (n, d) from the mean of the map that the map keeps."""
    lost = ((x - rebuild(m, place(m, x))) ** 2).sum()
    return float(1 - lost / ((x - m.mean) ** 2).sum())


def kept_curve(x: NDArray[Any], x_new: NDArray[Any], k: int) -> tuple[Array, Array]:
    """Return what maps of 1, 2, …, k components, fitted on x, keep of x and of x_new: two arrays (k,)."""
    m = fit_map(x, k)
    # The leading directions do not depend on how many follow: one fit is enough.
    maps = [
        replace(m, components=m.components[:i], variances=m.variances[:i], ratios=m.ratios[:i]) for i in range(1, k + 1)
    ]
    return np.array([kept(each, x) for each in maps]), np.array([kept(each, x_new) for each in maps])


def draw_map(
    m: Map,
    x: NDArray[Any],
    labels: NDArray[Any],
    names: Sequence[str],
    x_new: NDArray[Any] | None = None,
    labels_new: NDArray[Any] | None = None,
) -> Figure:
    """Draw the training rows x (n, d) on the first two axes of the map, in the colours of their classes.

    labels: (n,) integers; names: of the classes 0, 1, … x_new, labels_new: new rows, drawn in the same colours with
    another marker.
    """
    figure = Figure(figsize=(7, 6))
    axes = figure.add_subplot()
    points = place(m, x)  # (n, k)
    for j, name in enumerate(names):
        # A colour for each class, told by the legend; the marker tells training rows from new ones.
        own = points[labels == j]
        axes.scatter(own[:, 0], own[:, 1], s=14, color=f"C{j}", label=name)
        if x_new is not None and labels_new is not None:
            new = place(m, x_new[labels_new == j])
            axes.scatter(new[:, 0], new[:, 1], s=24, color=f"C{j}", marker="x", linewidths=0.8)
    first, second = m.ratios[:2]
    axes.set(xlabel=f"component 1, {first:.1%} of the variance", ylabel=f"component 2, {second:.1%} of the variance")
    # Stretched to fill the paper, the second axis would look as wide as the first.
    axes.set_aspect("equal")
    axes.legend()
    return figure


def draw_scree(x: NDArray[Any], x_new: NDArray[Any], k: int = 10) -> Figure:
    """Draw what each of k components, fitted on x, adds, and what the first 1, 2, …, k keep of x and of x_new."""
    figure = Figure(figsize=(7, 5))
    axes = figure.add_subplot()
    numbers = np.arange(1, k + 1)
    training, new = kept_curve(x, x_new, k)
    axes.bar(numbers, fit_map(x, k).ratios, color="lightgrey")
    axes.plot(numbers, training, marker="o", label="training")
    axes.plot(numbers, new, marker="x", label="new")
    axes.set(xlabel="number of components", ylabel="share of the variance", ylim=(0, 1), xticks=numbers)
    axes.legend()
    return figure


def fight(n_train: int = 300, n_new: int = 300) -> tuple[Figure, Figure]:
    """Return both pictures of scikit-learn's digits: fitted on the first n_train, shown with the n_new that follow."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    train, new = slice(n_train), slice(n_train, n_train + n_new)
    x, x_new = digits.data[train], digits.data[new]  # (n, 64) pixels from 0 to 16
    names = [str(name) for name in digits.target_names]
    picture = draw_map(fit_map(x), x, digits.target[train], names, x_new, digits.target[new])
    return picture, draw_scree(x, x_new)


# scikit-learn's PCA pins the signs in the same way, and whitens with whiten=True, flat directions included. A plane
# keeps what is large, not what tells classes apart: for the latter there are LinearDiscriminantAnalysis, which uses the
# labels, and t-SNE or UMAP, which keep neighbours and give up distances; t-SNE cannot place a new row at all.
