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
        raise NotImplementedError

    def fit(self, x: NDArray[Any]) -> "PCA":
        """Learn mean, directions and variances (divided by n - 1) of `x`; returns self.

        x: (n, d), n >= 2, integers or floats, finite; left unchanged.
        Raises ValueError when the shape of x or n_components is not as said here.
        """
        raise NotImplementedError

    def transform(self, x: NDArray[Any]) -> FloatArray:
        """Coordinates of the rows of `x` along the components, counted from the mean learned in fit.

        x: (m, d); left unchanged. Returns (m, k).
        Raises ValueError when x has another number of columns than in fit.
        """
        raise NotImplementedError

    def inverse_transform(self, z: NDArray[Any]) -> FloatArray:
        """The points whose coordinates are the rows of `z`.

        z: (m, k); left unchanged. Returns (m, d).
        Raises ValueError when z has another number of columns than there are components.
        """
        raise NotImplementedError
