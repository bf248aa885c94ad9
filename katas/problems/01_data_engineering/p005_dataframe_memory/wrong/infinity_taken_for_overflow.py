"""An infinity after the trial cast is taken for an overflow, also where the column held that infinity from the
start. Such columns stay float64."""

import numpy as np
import pandas as pd

INTEGERS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64)


def shrink(df: pd.DataFrame) -> pd.DataFrame:
    """A copy of `df` with each column in the smallest type that keeps every value."""
    if not isinstance(df, pd.DataFrame):
        raise TypeError(f"df must be a DataFrame, not {type(df).__name__}")
    result = df.copy()
    for position in range(df.shape[1]):
        result.isetitem(position, _smaller(df.iloc[:, position]))
    return result


def _smaller(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        for kind in INTEGERS:
            if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
                return column.astype(kind)
    if column.dtype == np.float64:
        values = column.to_numpy()
        with np.errstate(all="ignore"):
            small = values.astype(np.float32)
        if not np.isinf(small).any() and np.array_equal(small.astype(np.float64), values, equal_nan=True):
            return pd.Series(small, index=column.index, name=column.name)
        return column
    if _is_text(column) and 2 * column.nunique() <= len(column):
        return column.astype("category")
    return column


def _is_text(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.StringDtype):
        return column.dtype == "str"
    return column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "string"
