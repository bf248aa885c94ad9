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

    def __init__(self, unknown: str = "error") -> None:
        """Raises ValueError for any other policy."""
        raise NotImplementedError

    def fit(self, values: NDArray[Any]) -> Self:
        """Learn the categories; return the encoder itself.

        values: (n,) strings or integers, n >= 1; anything else raises ValueError.
        """
        raise NotImplementedError

    def transform(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """One row per value: 1.0 in the column of its category, 0.0 elsewhere.

        values: (n,) of the kind given to fit; n may be 0.
        Returns (n, k).
        Raises ValueError, showing such a value, when one is unknown and the policy is "error"; ValueError when
        values are not one-dimensional.
        """
        raise NotImplementedError

    def inverse_transform(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The value that each row stands for.

        matrix: (n, k) numbers or bool, exactly one 1 in each row and otherwise zeros, or ValueError; n may be 0.
        Returns (n,), dtype of categories_.
        """
        raise NotImplementedError
