"""One more column takes what is unknown and is cut off; the ones are written at flat places."""
import numpy as np


class OneHotEncoder:
    def __init__(self, unknown="error"):
        if unknown != "error" and unknown != "zeros":
            raise ValueError(f"no such policy: {unknown}")
        self.strict = unknown == "error"

    def fit(self, values):
        if values.ndim != 1 or not values.size:
            raise ValueError("fit needs a flat array with something in it")
        self.categories_ = np.unique(values)
        return self

    def transform(self, values):
        if values.ndim != 1:
            raise ValueError("transform needs a flat array")
        k = len(self.categories_)
        known = np.isin(values, self.categories_)
        if self.strict and not known.all():
            raise ValueError(f"never seen: {set(values[~known].tolist())}")
        columns = np.where(known, np.searchsorted(self.categories_, values), k)
        wide = np.zeros((len(values), k + 1))
        np.put(wide, np.arange(len(values)) * (k + 1) + columns, 1)
        return wide[:, :k]

    def inverse_transform(self, matrix):
        if matrix.shape[1:] != self.categories_.shape:
            raise ValueError("the width is another")
        rows, columns = np.nonzero(matrix)
        if not np.array_equal(rows, np.arange(len(matrix))) or (matrix[rows, columns] != 1).any():
            raise ValueError("not one-hot")
        return self.categories_[columns]
