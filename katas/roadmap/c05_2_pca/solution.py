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
    values = x.astype(np.float64)
    # Centred first: E[xy] - E[x]E[y] cancels to nothing far from zero.
    centred = values - values.mean(axis=0)  # (n, d)
    return np.asarray(centred.T @ centred / (len(x) - 1))  # (d, d)


def power_iteration(c: Array, start: Array, n_steps: int) -> tuple[float, Array]:
    """Multiply `start` (d,) by c (d, d) again and again; return vᵀ c v and v (d,), of length 1.

    Raises ValueError for a start of length 0.
    """
    length = np.linalg.norm(start)
    if length == 0:
        raise ValueError("start must have a direction, got a vector of zeros")
    v = start / length
    for _ in range(n_steps):
        # In the directions of the eigenvectors, c multiplies each part by its eigenvalue: the largest part wins.
        moved = c @ v  # (d,)
        length = np.linalg.norm(moved)
        if length == 0:
            break  # c has nothing in this direction: the eigenvalue is 0, and v is an eigenvector already
        # Back to length 1, or a thousand steps would overflow.
        v = moved / length
    return float(v @ c @ v), v


def eigenpairs(c: Array, k: int, n_steps: int = 2000) -> tuple[Array, Array]:
    """Return the k largest eigenvalues (k,) of a covariance c (d, d), largest first, and their vectors (k, d)."""
    rng = np.random.default_rng(0)
    left = c.copy()
    values: list[float] = []
    vectors: list[Array] = []
    for _ in range(k):
        # A random start has a part along every eigenvector; (1, 0, …, 0) may have none along the leading one.
        start = rng.normal(size=len(c))
        for found in vectors:
            start -= (start @ found) * found  # what has been found does not come back, also where nothing is left
        value, vector = power_iteration(left, start, n_steps)
        values.append(value)
        vectors.append(vector)
        # Taken out, this direction has the eigenvalue 0, and the next one leads.
        left = left - value * np.outer(vector, vector)
        left[np.abs(left) < 1e-13 * np.abs(c).max()] = 0.0  # what rounding leaves behind is no direction
    return np.array(values), np.array(vectors)  # (k,), (k, d)


def project(x: NDArray[Any], k: int = 2) -> Projection:
    """Standardise the columns of x (n, d), and look at them along their k leading directions.

    A constant column becomes 0. In each component the entry of the largest absolute value is positive.
    """
    values = x.astype(np.float64)
    # In raw units the column with the largest numbers would be the leading direction all by itself.
    spread = np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), np.inf)  # (d,)
    scaled = (values - values.mean(axis=0)) / spread  # (n, d)
    pca = PCA(n_components=k).fit(scaled)
    # An eigenvector is as good as its negative. One rule for the sign makes two pictures comparable.
    rows = np.arange(k)
    signs = np.sign(pca.components_[rows, np.abs(pca.components_).argmax(axis=1)])  # (k,)
    # The points turn with their direction.
    return Projection(
        pca.transform(scaled) * signs, pca.components_ * signs[:, None], pca.explained_variance_ratio_.copy()
    )


def components_needed(x: NDArray[Any], share: float = 0.95) -> int:
    """Return the least k whose directions hold at least `share` of the variance of the standardised columns.

    Raises ValueError unless share is above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, got {share}")
    total = np.cumsum(project(x, x.shape[1]).ratios)  # (d,)
    # A sum of shares may end at 0.9999999999999999.
    return int(np.argmax(total >= share - 1e-9)) + 1


# LAPACK's eigh turns the matrix into a tridiagonal one and finds all eigenvalues together. Power iteration lives on
# where c is too large for that and only `c @ v` can be computed: PageRank, ARPACK (scipy.sparse.linalg.eigsh), and the
# randomised PCA of scikit-learn are its relatives.
