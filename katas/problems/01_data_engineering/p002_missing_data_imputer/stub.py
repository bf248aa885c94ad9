"""Fill gaps with the median of a row's own group."""

from typing import Any, Self

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class GroupMedianImputer(TransformerMixin, BaseEstimator):
    """Fills gaps in columns of numbers with the median that `fit` learned for the row's group.

    group: name of the column that holds each row's group, strings or integers.
    """

    def __init__(self, group: str) -> None:
        raise NotImplementedError

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the median of each group and the global one, for every column of integers or floats but the group.

        X: left unchanged. y: ignored.
        Returns the imputer itself.
        Raises KeyError or ValueError, naming the column, when the group is not there.
        """
        raise NotImplementedError

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """A copy of X with the gaps of the learned columns filled.

        X: left unchanged.
        Returns the rows and columns of X in their order; the global median fills where the group has none.
        Raises NotFittedError before fit; KeyError or ValueError, naming the column, when the group or a learned
        column is not there.
        """
        raise NotImplementedError
