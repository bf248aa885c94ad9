"""Principal components: the covariance, its eigenvectors by repeated multiplication, and a projection to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pca import PCA

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Projection:
    """A table seen along its k leading directions.

    points: (n, k); components: (k, d), one direction of length 1 per row; ratios: (k,), shares of the variance.
    """

    points: Array
    components: Array
    ratios: Array


def covariance(x: NDArray[Any]) -> Array:
    """Return the covariance matrix (d, d) of the columns of x (n, d), divided by n - 1."""
    raise NotImplementedError


def power_iteration(c: Array, start: Array, n_steps: int) -> tuple[float, Array]:
    """Multiply `start` (d,) by c (d, d) again and again; return vᵀ c v and v (d,), of length 1.

    Raises ValueError for a start of length 0.
    """
    raise NotImplementedError


def eigenpairs(c: Array, k: int, n_steps: int = 2000) -> tuple[Array, Array]:
    """Return the k largest eigenvalues (k,) of a covariance c (d, d), largest first, and their vectors (k, d)."""
    raise NotImplementedError


def project(x: NDArray[Any], k: int = 2) -> Projection:
    """Standardise the columns of x (n, d), and look at them along their k leading directions.

    A constant column becomes 0. In each component the entry of the largest absolute value is positive.
    """
    raise NotImplementedError


def components_needed(x: NDArray[Any], share: float = 0.95) -> int:
    """Return the least k whose directions hold at least `share` of the variance of the standardised columns.

    Raises ValueError unless share is above 0 and at most 1.
    """
    raise NotImplementedError
