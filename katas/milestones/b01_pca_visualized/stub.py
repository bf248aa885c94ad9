"""A map of many columns in two dimensions: fitted once, used for new rows, measured and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    raise NotImplementedError


def place(m: Map, x: NDArray[Any]) -> Array:
    """Return the points (n, k) of the rows of x (n, d), seen from the mean of the training rows.

    A map that whitens divides each coordinate by the standard deviation of the training points; along a direction
    without spread it is 0.
    """
    raise NotImplementedError


def rebuild(m: Map, points: Array) -> Array:
    """Return the rows (n, d) that the points (n, k) stand for."""
    raise NotImplementedError


def kept(m: Map, x: NDArray[Any]) -> float:
    """Return the share of the squared distances of x (n, d) from the mean of the map that the map keeps."""
    raise NotImplementedError


def kept_curve(x: NDArray[Any], x_new: NDArray[Any], k: int) -> tuple[Array, Array]:
    """Return what maps of 1, 2, …, k components, fitted on x, keep of x and of x_new: two arrays (k,)."""
    raise NotImplementedError


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
    raise NotImplementedError


def draw_scree(x: NDArray[Any], x_new: NDArray[Any], k: int = 10) -> Figure:
    """Draw what each of k components, fitted on x, adds, and what the first 1, 2, …, k keep of x and of x_new."""
    raise NotImplementedError


def fight(n_train: int = 300, n_new: int = 300) -> tuple[Figure, Figure]:
    """Return both pictures of scikit-learn's digits: fitted on the first n_train, shown with the n_new that follow."""
    raise NotImplementedError
