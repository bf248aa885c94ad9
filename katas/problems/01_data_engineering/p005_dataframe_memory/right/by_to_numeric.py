"""pd.to_numeric for the integers, a dict of new columns."""
import warnings

import numpy as np
import pandas as pd


def shrink(df):
    return df.astype({name: _target(df[name]) for name in df}).copy()


def _target(s):
    if s.dtype in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64):
        if s.empty:
            return s.dtype
        return np.result_type(np.min_scalar_type(s.max()), np.min_scalar_type(s.min())) if s.min() >= 0 else (
            pd.to_numeric(s, downcast="signed").dtype
        )
    if s.dtype == "float64":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            back = s.astype("float32").astype("float64")
        return "float32" if ((back == s) | s.isna()).all() else "float64"
    if s.dtype == object or s.dtype == "str":
        there = s.dropna()
        if all(isinstance(v, str) for v in there) and len(there.unique()) <= len(s) / 2:
            return "category"
    return s.dtype
