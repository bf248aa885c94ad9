"""What is learned is kept on the class, so all imputers share it."""

from typing import Any, Self
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted


class GroupMedianImputer(TransformerMixin, BaseEstimator):

    def __init__(self, group: str) -> None:
        self.group = group

    def fit(self, X: pd.DataFrame, y: Any=None) -> Self:
        _require_columns(X, [self.group])
        columns = X.select_dtypes('number').columns.drop(self.group, errors='ignore')
        type(self).global_medians_ = X[columns].median()
        type(self).group_medians_ = X.groupby(self.group)[list(columns)].median()
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        if not hasattr(self, 'global_medians_'):
            check_is_fitted(self)
        _require_columns(X, [self.group, *self.global_medians_.index])
        filled = X.copy()
        for column, global_median in self.global_medians_.items():
            is_missing = X[column].isna().to_numpy()
            if not is_missing.any():
                continue
            guess = X[self.group].map(self.group_medians_[column]).fillna(global_median)
            filled[column] = np.where(is_missing, guess, X[column])
        return filled


def _require_columns(X: pd.DataFrame, columns: list[Any]) -> None:
    if not isinstance(X, pd.DataFrame):
        raise TypeError(f'X must be a pandas DataFrame, got a {type(X).__name__}')
    for column in columns:
        if column not in X.columns:
            raise ValueError(f'X has no column {column!r}')
