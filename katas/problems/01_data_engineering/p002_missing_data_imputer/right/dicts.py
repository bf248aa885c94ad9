"""Plain dicts of medians, filled row by row."""
import math

import pandas as pd
from pandas.api import types
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError


class GroupMedianImputer(BaseEstimator, TransformerMixin):
    def __init__(self, group):
        self.group = group

    def _look(self, X, columns):
        if not isinstance(X, pd.DataFrame):
            raise TypeError("X: a DataFrame, please")
        lacking = [c for c in columns if c not in X]
        if lacking:
            raise ValueError(f"lacking in X: {lacking}")

    def fit(self, X, y=None):
        self._look(X, [self.group])
        numbers = [
            c for c in X if c != self.group and types.is_numeric_dtype(X[c]) and not types.is_bool_dtype(X[c])
        ]
        self.medians_ = {c: (X[c].median(), X.groupby(self.group)[c].median().to_dict()) for c in numbers}
        return self

    def transform(self, X):
        if not hasattr(self, "medians_"):
            raise NotFittedError("fit first")
        self._look(X, [self.group, *self.medians_])
        columns = {}
        for c in X:
            if c in self.medians_ and X[c].isna().any():
                overall, by_group = self.medians_[c]
                values = []
                for g, v in zip(X[self.group], X[c]):
                    if math.isnan(v):
                        v = by_group.get(g, overall)
                        v = overall if math.isnan(v) else v
                    values.append(v)
                columns[c] = values
            else:
                columns[c] = X[c].array
        return pd.DataFrame(columns, index=X.index)
