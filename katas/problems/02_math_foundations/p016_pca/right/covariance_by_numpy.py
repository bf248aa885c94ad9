"""np.cov with rowvar=False, and the order by argsort."""
import numpy as np


class PCA:
    def __init__(self, n_components):
        self.n_components = n_components

    def fit(self, x):
        n, d = np.shape(x)
        if n < 2 or self.n_components not in range(1, d + 1):
            raise ValueError(f"{self.n_components} components of {n} rows and {d} columns")
        self.mean_ = np.mean(x, axis=0, dtype=float)
        cov = np.atleast_2d(np.cov(x - self.mean_, rowvar=False))
        values, vectors = np.linalg.eigh(cov)
        order = np.argsort(-values, kind="stable")[: self.n_components]
        self.components_ = vectors[:, order].T
        self.explained_variance_ = np.clip(values[order], 0, None)
        total = cov.trace()
        self.explained_variance_ratio_ = self.explained_variance_ / total if total > 0 else np.zeros(len(order))
        return self

    def transform(self, x):
        if x.shape[1] != self.mean_.size:
            raise ValueError("wrong number of columns")
        return np.dot(x - self.mean_, self.components_.T)

    def inverse_transform(self, z):
        return np.dot(z, self.components_) + self.mean_
