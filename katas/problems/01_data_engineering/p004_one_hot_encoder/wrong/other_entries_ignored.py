"""inverse_transform looks for exactly one 1 in each row but lets any other numbers stand beside it."""

from typing import Any, Self
import numpy as np
from numpy.typing import NDArray


class OneHotEncoder:
    categories_: NDArray[Any]

    def __init__(self, unknown: str='error') -> None:
        if unknown not in ('error', 'zeros'):
            raise ValueError(f'unknown must be "error" or "zeros", got {unknown!r}')
        self.unknown = unknown

    def fit(self, values: NDArray[Any]) -> Self:
        _require_flat(values)
        if len(values) == 0:
            raise ValueError('values must hold at least one value to learn from')
        self.categories_ = np.unique(values)
        return self

    def transform(self, values: NDArray[Any]) -> NDArray[np.float64]:
        self._require_fitted()
        _require_flat(values)
        k = len(self.categories_)
        columns = np.searchsorted(self.categories_, values).clip(max=k - 1)
        is_known = self.categories_[columns] == values
        if self.unknown == 'error' and (not is_known.all()):
            raise ValueError(f'fit has not seen the value {values[~is_known][0]}')
        matrix = np.zeros((len(values), k))
        rows = np.flatnonzero(is_known)
        matrix[rows, columns[rows]] = 1.0
        return matrix

    def inverse_transform(self, matrix: NDArray[Any]) -> NDArray[Any]:
        self._require_fitted()
        k = len(self.categories_)
        if matrix.ndim != 2 or matrix.shape[1] != k:
            raise ValueError(f'matrix must have shape (n, {k}), got {matrix.shape}')
        is_one = matrix == 1
        if not (is_one.sum(axis=1) == 1).all():
            raise ValueError('matrix must hold exactly one 1 in each row, and otherwise zeros')
        values: NDArray[Any] = self.categories_[is_one.argmax(axis=1)]
        return values

    def _require_fitted(self) -> None:
        if not hasattr(self, 'categories_'):
            raise RuntimeError('this encoder has no categories yet: call fit first')


def _require_flat(values: NDArray[Any]) -> None:
    if values.ndim != 1:
        raise ValueError(f'values must be one-dimensional, got shape {values.shape}')
