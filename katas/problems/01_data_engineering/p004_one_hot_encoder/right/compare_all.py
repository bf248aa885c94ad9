"""Compares every value with every category."""
import numpy as np


class OneHotEncoder:
    def __init__(self, unknown="error"):
        if unknown not in {"error", "zeros"}:
            raise ValueError("unknown: error or zeros")
        self.unknown = unknown

    def fit(self, values):
        if np.ndim(values) != 1 or np.size(values) == 0:
            raise ValueError("values: need a flat, non-empty array")
        self.categories_ = np.array(sorted(set(values.tolist())))
        return self

    def transform(self, values):
        if values.ndim != 1:
            raise ValueError("values: need a flat array")
        hot = values[:, None] == self.categories_[None, :]
        unseen = ~hot.any(axis=1)
        if self.unknown == "error" and unseen.any():
            raise ValueError(f"unknown values: {values[unseen]}")
        return hot.astype(float)

    def inverse_transform(self, matrix):
        if matrix.ndim != 2 or matrix.shape[1] != self.categories_.size:
            raise ValueError("matrix: wrong shape")
        ok = np.isin(matrix, (0, 1)).all(axis=1) & (matrix.sum(axis=1) == 1)
        if not ok.all():
            raise ValueError("matrix: a row is not one-hot")
        return np.take(self.categories_, np.argmax(matrix, axis=1))
