"""np.cov and the general eigenvalue solver, sorted by hand."""
import numpy as np


class PCA:
    def __init__(self, n_components):
        self.n_components = n_components
        self.mean_ = None

    def fit(self, x):
        if np.ndim(x) != 2:
            raise ValueError("x must be a table")
        n, d = x.shape
        if n < 2:
            raise ValueError("x needs two rows")
        if self.n_components < 1 or self.n_components > d:
            raise ValueError("n_components out of range")
        self.mean_ = np.mean(x, axis=0, dtype=float)
        cov = np.atleast_2d(np.cov(x - self.mean_, rowvar=False))
        values, vectors = np.linalg.eigh(cov)
        order = np.argsort(-values, kind="stable")[: self.n_components]
        self.components_ = vectors[:, order].T
        self.explained_variance_ = np.clip(values[order], 0, None)
        total = cov.trace()
        if total > 1e-20:
            self.explained_variance_ratio_ = self.explained_variance_ / total
        else:
            self.explained_variance_ratio_ = np.zeros(self.n_components)
        return self

    def _ready(self, table, width, name):
        if table.ndim != 2 or table.shape[1] != width:
            raise ValueError(f"{name}: wrong shape")
        return np.array(table, dtype=float)

    def transform(self, x):
        if self.mean_ is None:
            raise RuntimeError("fit first")
        return np.dot(self._ready(x, self.components_.shape[1], "x") - self.mean_, self.components_.T)

    def inverse_transform(self, z):
        if self.mean_ is None:
            raise RuntimeError("fit first")
        return np.dot(self._ready(z, self.components_.shape[0], "z"), self.components_) + self.mean_
