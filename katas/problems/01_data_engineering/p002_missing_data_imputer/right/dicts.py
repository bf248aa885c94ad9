"""Plain dicts of medians, filled row by row, with checks of its own."""
import statistics

import pandas as pd
from pandas.api import types
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError


def is_number(column):
    return types.is_integer_dtype(column) or types.is_float_dtype(column)


class GroupMedianImputer(BaseEstimator, TransformerMixin):
    def __init__(self, group):
        self.group = group

    def _look(self, X, columns):
        lacking = [c for c in columns if c not in X]
        if lacking:
            raise ValueError(f"lacking in X: {lacking}")

    def fit(self, X, y=None):
        self._look(X, [self.group])
        self.medians_ = {}
        for c in X:
            if c == self.group or not is_number(X[c]):
                continue
            values, everything = {}, []
            for g, v in zip(X[self.group], X[c]):
                if not pd.isna(v):
                    everything.append(float(v))
                    if not pd.isna(g):
                        values.setdefault(g, []).append(float(v))
            overall = statistics.median(everything) if everything else float("nan")
            self.medians_[c] = (overall, {g: statistics.median(vs) for g, vs in values.items()})
        return self

    def transform(self, X):
        if not hasattr(self, "medians_"):
            raise NotFittedError("fit first")
        self._look(X, [self.group, *self.medians_])
        columns = {}
        for c in X:
            columns[c] = X[c].array
            if c in self.medians_ and X[c].isna().any():
                overall, by_group = self.medians_[c]
                columns[c] = [
                    float(by_group.get(g, overall) if pd.isna(v) else v) for g, v in zip(X[self.group], X[c])
                ]
        return pd.DataFrame(columns, index=X.index)
