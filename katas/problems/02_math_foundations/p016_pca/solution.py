"""Principal component analysis by the eigenvalues of the covariance."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


class PCA:
    """The directions of largest variance, and points described by their places along them.

    After fit: mean_ (d,), components_ (k, d) with one direction of length 1 per row,
    explained_variance_ (k,) largest first, explained_variance_ratio_ (k,) as shares of the whole variance.
    """

    mean_: FloatArray
    components_: FloatArray
    explained_variance_: FloatArray
    explained_variance_ratio_: FloatArray

    def __init__(self, n_components: int) -> None:
        """Keep `n_components` directions, 1 to d; looked at in fit, which knows d."""
        self.n_components = n_components

    def fit(self, x: NDArray[Any]) -> "PCA":
        """Learn mean, directions and variances (divided by n - 1) of `x`; gives self.

        x: (n, d), n >= 2, integers or floats, finite; left unchanged.
        Raises ValueError, naming x or n_components, when it is not as said here.
        """
        if x.ndim != 2 or len(x) < 2:
            raise ValueError(f"x must be of shape (n, d) with at least 2 rows, got {x.shape}")
        if not 1 <= self.n_components <= x.shape[1]:
            raise ValueError(f"n_components must be between 1 and {x.shape[1]}, got {self.n_components}")

        table = x.astype(np.float64)
        self.mean_ = table.mean(axis=0)  # (d,)
        # Centred before the product: E[xxᵀ] - E[x]E[x]ᵀ cancels to nothing far from zero.
        centred = table - self.mean_  # (n, d)
        covariance = centred.T @ centred / (len(x) - 1)  # (d, d)

        # eigh is for symmetric matrices: real values, eigenvectors at right angles. It sorts them upwards and gives the
        # vectors as columns, so both are turned round, and the columns become rows.
        values, vectors = np.linalg.eigh(covariance)
        # A variance of 0 may come out as -1e-17.
        variances = np.maximum(values[::-1], 0.0)  # (d,)
        self.components_ = vectors[:, ::-1].T[: self.n_components].copy()  # (k, d)
        self.explained_variance_ = variances[: self.n_components].copy()  # (k,)
        # The share of all variance, not of the kept one; the trace is the sum over all columns.
        # Where all rows are equal there is nothing to share out; the rows tell exactly, the trace may be 1e-34.
        total = np.trace(covariance) if (table != table[0]).any() else np.inf
        self.explained_variance_ratio_ = self.explained_variance_ / total  # (k,)
        return self

    def transform(self, x: NDArray[Any]) -> FloatArray:
        """Coordinates of the rows of `x` along the components, counted from the mean learned in fit.

        x: (m, d); left unchanged. Returns (m, k).
        Raises RuntimeError before fit, ValueError naming x when its shape does not fit.
        """
        points = self._table(x, "x", axis=1)
        # The mean of the training data: with its own mean, a single row would always land at the origin.
        return np.asarray((points - self.mean_) @ self.components_.T)  # (m, k)

    def inverse_transform(self, z: NDArray[Any]) -> FloatArray:
        """The points whose coordinates are the rows of `z`.

        z: (m, k); left unchanged. Returns (m, d).
        Raises RuntimeError before fit, ValueError naming z when its shape does not fit.
        """
        coordinates = self._table(z, "z", axis=0)
        # The components are orthonormal, so that their transpose undoes them.
        return np.asarray(coordinates @ self.components_ + self.mean_)  # (m, d)

    def _table(self, values: NDArray[Any], name: str, axis: int) -> FloatArray:
        if not hasattr(self, "components_"):
            raise RuntimeError("this PCA has not learned anything yet; call fit first")
        n_columns = self.components_.shape[axis]
        if values.ndim != 2 or values.shape[1] != n_columns:
            raise ValueError(f"{name} must be of shape (m, {n_columns}), got {values.shape}")
        return values.astype(np.float64)


# scikit-learn's PCA takes the singular values of the centred table instead: the covariance squares the numbers and with
# them the rounding, which drowns small variances. It also flips signs by a fixed rule, whitens, picks k by a share of
# variance (n_components=0.95), and uses a randomised method where only a few of very many directions are wanted.
