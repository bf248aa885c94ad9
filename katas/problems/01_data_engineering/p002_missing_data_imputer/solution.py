"""Fill gaps with the median of a row's own group."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted


class GroupMedianImputer(TransformerMixin, BaseEstimator):
    """Fills gaps in columns of numbers with the median that `fit` learned for the row's group.

    group: name of the column that says which group a row belongs to; strings or integers.
    """

    def __init__(self, group: str) -> None:
        # Nothing but storing, under the parameter's own name: clone and set_params rely on it. Checks belong in fit.
        self.group = group

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the median of each group and the global one, for every column of integers or floats but the group.

        X: left unchanged. y: ignored.
        Gives the imputer itself.
        Raises TypeError, naming X, when it is no DataFrame; ValueError, naming the column, when the group is not there.
        """
        _require_columns(X, [self.group])
        # Every column of numbers, with gaps or without: what is complete today may have gaps tomorrow.
        columns = X.select_dtypes("number").columns.drop(self.group, errors="ignore")
        # Names that end in an underscore are scikit-learn's sign for "learned in fit"; check_is_fitted looks for them.
        self.global_medians_ = X[columns].median()  # column -> median
        # groupby leaves out rows whose group is missing; they have counted for the global median only.
        self.group_medians_ = X.groupby(self.group)[list(columns)].median()  # (groups, columns)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """A copy of X with the gaps of the learned columns filled.

        X: left unchanged.
        Returns the rows and columns of X in their order; the global median fills where the group has none.
        Raises NotFittedError before fit; TypeError, naming X, when it is no DataFrame; ValueError, naming the column,
        when the group or a learned column is not there.
        """
        check_is_fitted(self)
        _require_columns(X, [self.group, *self.global_medians_.index])
        filled = X.copy()
        for column, global_median in self.global_medians_.items():
            is_missing = X[column].isna().to_numpy()
            if not is_missing.any():
                continue  # untouched, so that integers stay integers
            # map looks each row's group up, row by row in the order of X: no merge, no sort, no changed index.
            # Unknown group, missing group, group without values: all three come out as NaN, for the second fill.
            guess = X[self.group].map(self.group_medians_[column]).fillna(global_median)
            # As plain arrays: aligning by index labels would go wrong where a label is there twice.
            filled[column] = np.where(is_missing, guess, X[column])
        return filled


def _require_columns(X: pd.DataFrame, columns: list[Any]) -> None:
    if not isinstance(X, pd.DataFrame):
        raise TypeError(f"X must be a pandas DataFrame, got a {type(X).__name__}")
    for column in columns:
        if column not in X.columns:
            raise ValueError(f"X has no column {column!r}")


# scikit-learn's SimpleImputer knows global medians only; its KNNImputer and IterativeImputer guess from similar rows.
# All can add a column that says where something was missing (add_indicator), which is often worth more than the guess.
