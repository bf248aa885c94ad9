"""Categories into columns of zeros and ones, and back."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class OneHotEncoder:
    """Gives each category of the training values a column of its own.

    unknown: what transform does with a value that fit has not seen: "error" raises ValueError, "zeros" returns a
    row of zeros.
    categories_: (k,) the distinct training values, ascending; column j stands for categories_[j]. Set by fit.
    """

    categories_: NDArray[Any]

    def __init__(self, unknown: str = "error") -> None:
        """Raises ValueError for any other policy."""
        if unknown not in ("error", "zeros"):
            raise ValueError(f'unknown must be "error" or "zeros", got {unknown!r}')
        self.unknown = unknown

    def fit(self, values: NDArray[Any]) -> Self:
        """Learn the categories; return the encoder itself.

        values: (n,) strings or integers, n >= 1; anything else raises ValueError.
        """
        if values.ndim != 1 or len(values) == 0:
            raise ValueError(f"values must be one-dimensional and not empty, got shape {values.shape}")
        # unique sorts as well, which is what the binary search in transform needs.
        self.categories_ = np.unique(values)  # (k,)
        return self

    def transform(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """One row per value: 1.0 in the column of its category, 0.0 elsewhere.

        values: (n,) of the kind given to fit; n may be 0.
        Returns (n, k).
        Raises ValueError, showing such a value, when one is unknown and the policy is "error"; ValueError when
        values are not one-dimensional.
        """
        if values.ndim != 1:
            raise ValueError(f"values must be one-dimensional, got shape {values.shape}")
        k = len(self.categories_)

        # Where would each value have to be inserted? For a known value that is its own column; for a value beyond
        # the last category it is k, one past the end, which the clip brings back to where we may look.
        columns = np.searchsorted(self.categories_, values).clip(max=k - 1)  # (n,)
        # The look back: an unknown value points at some category too, but not at itself.
        is_known = self.categories_[columns] == values  # (n,)
        if self.unknown == "error" and not is_known.all():
            raise ValueError(f"fit has not seen the value {values[~is_known][0]}")

        # One write per known value, into zeros that already have the full width k.
        matrix = np.zeros((len(values), k))  # (n, k)
        rows = np.flatnonzero(is_known)
        matrix[rows, columns[rows]] = 1.0
        return matrix

    def inverse_transform(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The value that each row stands for.

        matrix: (n, k) numbers or bool, exactly one 1 in each row and otherwise zeros, or ValueError; n may be 0.
        Returns (n,), dtype of categories_.
        """
        k = len(self.categories_)
        if matrix.ndim != 2 or matrix.shape[1] != k:
            raise ValueError(f"matrix must have shape (n, {k}), got {matrix.shape}")
        # Summing alone is not enough: (2, -1) and (0.5, 0.5) add up to 1 as well.
        is_one = matrix == 1
        if not ((is_one | (matrix == 0)).all() and (is_one.sum(axis=1) == 1).all()):
            raise ValueError("matrix must hold exactly one 1 in each row, and otherwise zeros")
        values: NDArray[Any] = self.categories_[is_one.argmax(axis=1)]  # (n,)
        return values


# scikit-learn's OneHotEncoder does this for many columns at once and returns a *sparse* matrix by default: with 50,000
# categories a row of zeros costs 400 kB, a sparse row 12 bytes. It can also gather rare categories in one column.
