"""pd.to_numeric(downcast='float') shrinks floats; it is content when the values are nearly equal."""

from typing import Any
import numpy as np
import pandas as pd
from numpy.typing import NDArray


def shrink(df: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(df, pd.DataFrame):
        raise TypeError(f'df must be a pandas DataFrame, got a {type(df).__name__}')
    small = df.copy()
    for name in df.columns:
        small[name] = _shrink_column(df[name])
    return small


def _shrink_column(column: pd.Series) -> Any:
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ''
    if kind in ('i', 'u'):
        return column.astype(_smallest_integer(column.to_numpy()))
    if column.dtype == np.float64:
        return _half_the_float(column)
    is_text = isinstance(column.dtype, pd.StringDtype) or kind == 'O'
    if is_text and pd.api.types.infer_dtype(column, skipna=True) == 'string':
        return column.astype('category') if column.nunique() * 2 <= len(column) else column
    return column


def _smallest_integer(values: NDArray[np.integer[Any]]) -> np.dtype[Any]:
    if len(values) == 0:
        return values.dtype
    least, most = (int(values.min()), int(values.max()))
    kinds = (np.uint8, np.uint16, np.uint32, np.uint64) if least >= 0 else (np.int8, np.int16, np.int32, np.int64)
    return next((np.dtype(k) for k in kinds if np.iinfo(k).min <= least and most <= np.iinfo(k).max))


def _half_the_float(column: pd.Series) -> pd.Series:
    with np.errstate(over='ignore'):
        small = column.astype(np.float32)
    is_exact = np.array_equal(small.to_numpy(np.float64), column.to_numpy(), equal_nan=True)
    return pd.to_numeric(column, downcast='float')
