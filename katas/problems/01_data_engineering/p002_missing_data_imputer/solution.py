"""Fill gaps with the median of a row's own group."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted


class GroupMedianImputer(TransformerMixin, BaseEstimator):
    """Fills gaps in columns of numbers with the median that `fit` learned for the row's group.

    group: name of the column that holds each row's group, strings or integers.
    """

    def __init__(self, group: str) -> None:
        # Nothing but storing, under the parameter's own name: clone and set_params rely on it.
        self.group = group

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the median of each group and the global one, for every column of integers or floats but the group.

        X: left unchanged. y: ignored.
        Returns the imputer itself.
        Raises KeyError or ValueError, naming the column, when the group is not there.
        """
        # Every column of numbers, with gaps or without: what is complete today may have gaps tomorrow.
        # For pandas a duration is a number as well.
        numbers = X.select_dtypes("number", exclude="timedelta").drop(columns=self.group, errors="ignore")
        # Names that end in an underscore are scikit-learn's sign for "learned in fit"; check_is_fitted looks for them.
        self.global_medians_ = numbers.median()  # column -> median
        # groupby leaves out rows whose group is missing; they have counted for the global median only.
        self.group_medians_ = numbers.groupby(X[self.group]).median()  # (groups, columns)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """A copy of X with the gaps of the learned columns filled.

        X: left unchanged.
        Returns the rows and columns of X in their order; the global median fills where the group has none.
        Raises NotFittedError before fit; KeyError or ValueError, naming the column, when the group or a learned
        column is not there.
        """
        check_is_fitted(self)
        filled, groups = X.copy(), X[self.group]
        for column, global_median in self.global_medians_.items():
            is_missing = X[column].isna()
            if not is_missing.any():
                continue  # untouched, so that integers stay integers
            # map looks each row's group up, row by row in the order of X: no merge, no sort, no changed index.
            # Unknown group, missing group, group without values: all three come out as NaN, for the second fill.
            guess = groups.map(self.group_medians_[column]).fillna(global_median)
            # As a plain array: aligning by index labels would go wrong where a label is there twice.
            # As floats: a column of nothing but None comes as one of objects.
            filled[column] = np.where(is_missing, guess, X[column]).astype(float)
        return filled


# scikit-learn's SimpleImputer knows global medians only; its KNNImputer and IterativeImputer guess from similar rows.
# All can add a column that says where something was missing (add_indicator), which is often worth more than the guess.
