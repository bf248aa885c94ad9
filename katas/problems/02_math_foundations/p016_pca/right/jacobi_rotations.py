"""Eigenvalues by Jacobi rotations of the covariance, signs by the largest entry."""
import numpy as np


def _jacobi(a):
    a = a.copy()
    d = len(a)
    v = np.eye(d)
    for _ in range(60):
        off = np.sqrt(np.sum(np.tril(a, -1) ** 2))
        if off <= 1e-15 * max(np.trace(a), 1e-300):
            break
        for p in range(d - 1):
            for q in range(p + 1, d):
                if a[p, q] == 0:
                    continue
                theta = (a[q, q] - a[p, p]) / (2 * a[p, q])
                t = (1 if theta >= 0 else -1) / (abs(theta) + np.hypot(theta, 1))
                c = 1 / np.hypot(t, 1)
                s = t * c
                g = np.eye(d)
                g[p, p] = g[q, q] = c
                g[p, q], g[q, p] = s, -s
                a = g.T @ a @ g
                v = v @ g
    return np.diag(a), v


class PCA:
    def __init__(self, n_components):
        self.k = n_components

    def fit(self, x):
        if x.ndim != 2 or x.shape[0] <= 1:
            raise ValueError(f"shape {x.shape} of x")
        if self.k not in range(1, x.shape[1] + 1):
            raise ValueError(f"n_components = {self.k}")
        self.mean_ = x.mean(axis=0, dtype=np.float64)
        c = x - self.mean_
        cov = np.einsum("ni,nj->ij", c, c) / (x.shape[0] - 1)
        values, vectors = _jacobi(cov)
        order = np.argsort(values)[::-1]
        values, vectors = np.maximum(values[order], 0), vectors[:, order].T
        vectors *= np.sign(vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)])[:, None]
        self.components_, self.explained_variance_ = vectors[: self.k], values[: self.k]
        with np.errstate(all="ignore"):
            self.explained_variance_ratio_ = np.nan_to_num(self.explained_variance_ / values.sum())
        return self

    def transform(self, x):
        if x.ndim != 2 or x.shape[1] != self.components_.shape[1]:
            raise ValueError("x does not fit")
        return (x - self.mean_) @ self.components_.T

    def inverse_transform(self, z):
        if z.ndim != 2 or z.shape[1] != self.k:
            raise ValueError("z does not fit")
        return self.mean_ + z @ self.components_
