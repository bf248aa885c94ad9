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
        """Learn mean, directions and variances (divided by n - 1) of `x`; returns self.

        x: (n, d), n >= 2, integers or floats, finite; left unchanged.
        Raises ValueError when the shape of x or n_components is not as said here.
        """
        if x.ndim != 2 or len(x) < 2:
            raise ValueError(f"x must be of shape (n, d) with at least 2 rows, got {x.shape}")
        n, d = x.shape
        if not 1 <= self.n_components <= d:
            raise ValueError(f"n_components must be between 1 and {d}, got {self.n_components}")

        table = x.astype(np.float64)  # (n, d)
        self.mean_ = table.mean(axis=0)  # (d,)
        # Centred before the product: E[xxᵀ] - E[x]E[x]ᵀ cancels to nothing far from zero.
        centred = table - self.mean_  # (n, d)
        covariance = centred.T @ centred / (n - 1)  # (d, d)

        # eigh is for symmetric matrices: real values, eigenvectors at right angles. It sorts upwards and returns the
        # vectors as columns, so both are turned round, and the columns become rows.
        values, vectors = np.linalg.eigh(covariance)  # (d,), (d, d)
        # A variance of 0 may come out as -1e-17.
        variances = np.maximum(values[::-1], 0.0)  # (d,)
        self.components_ = vectors[:, ::-1].T[: self.n_components]  # (k, d)
        self.explained_variance_ = variances[: self.n_components]  # (k,)
        # The share of all variance, not of the kept one; where there is none, 0 / 1 is 0 and 0 / 0 would be NaN.
        self.explained_variance_ratio_ = self.explained_variance_ / (variances.sum() or 1.0)  # (k,)
        return self

    def transform(self, x: NDArray[Any]) -> FloatArray:
        """Coordinates of the rows of `x` along the components, counted from the mean learned in fit.

        x: (m, d); left unchanged. Returns (m, k).
        Raises ValueError when x has another number of columns than in fit.
        """
        # Without this check a single column would be stretched over all d when the mean is subtracted.
        if x.shape[-1] != len(self.mean_):
            raise ValueError(f"x must have {len(self.mean_)} columns, got shape {x.shape}")
        # The mean of the training data: with its own mean, a single row would always land at the origin.
        return np.asarray((x - self.mean_) @ self.components_.T)  # (m, k)

    def inverse_transform(self, z: NDArray[Any]) -> FloatArray:
        """The points whose coordinates are the rows of `z`.

        z: (m, k); left unchanged. Returns (m, d).
        Raises ValueError when z has another number of columns than there are components.
        """
        # The components are orthonormal, so that their transpose undoes them. The product refuses what does not fit.
        return np.asarray(z @ self.components_ + self.mean_)  # (m, d)


# scikit-learn's PCA can take the singular values of the centred table instead: the covariance squares the numbers and
# with them the rounding, which drowns small variances. It also flips signs by a fixed rule, whitens, picks k by a share
# of variance (n_components=0.95), and uses a randomised method where only a few of very many directions are wanted.
