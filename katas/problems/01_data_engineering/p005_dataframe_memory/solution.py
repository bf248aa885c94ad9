"""The same values in less memory."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def shrink(df: pd.DataFrame) -> pd.DataFrame:
    """A copy of `df` with each column in the smallest type that keeps every value.

    df: columns of distinct names; left unchanged.
    Integers take the fewest bytes that hold them all; float64 becomes float32 where every value comes back exactly;
    strings become categories where at most half as many are distinct as there are rows; all else stays.
    """
    small = df.copy()
    for name in df.columns:
        small[name] = _shrink_column(df[name])
    return small


def _shrink_column(column: pd.Series) -> Any:
    """The column in its smallest type; the column itself where nothing can be done."""
    # Only NumPy's own dtypes have a kind that speaks of plain numbers: Int64 may hold a missing value.
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ""
    if kind in ("i", "u"):
        return column.astype(_smallest_integer(column.to_numpy()))
    if column.dtype == np.float64:
        return _half_the_float(column)
    # infer_dtype looks at the values: "string" only if all are, missing ones aside. "mixed" covers lists and the like.
    is_text = isinstance(column.dtype, pd.StringDtype) or kind == "O"
    if is_text and pd.api.types.infer_dtype(column, skipna=True) == "string":
        # A category stores each distinct string once, and a small integer per row. With few repeats the
        # table of strings is as large as the column was, and the integers come on top.
        return column.astype("category") if column.nunique() * 2 <= len(column) else column
    return column


def _smallest_integer(values: NDArray[np.integer[Any]]) -> np.dtype[Any]:
    """The integer type with the fewest bytes for all values."""
    if len(values) == 0:
        return values.dtype
    # As Python integers, which cannot overflow: 2**63 does not fit int64, -1 does not fit uint64.
    least, most = int(values.min()), int(values.max())
    kinds = (np.uint8, np.uint16, np.uint32, np.uint64) if least >= 0 else (np.int8, np.int16, np.int32, np.int64)
    return next(np.dtype(k) for k in kinds if np.iinfo(k).min <= least and most <= np.iinfo(k).max)


def _half_the_float(column: pd.Series) -> pd.Series:
    """The column in float32 if it comes back from there unchanged, else as it is."""
    # 1e300 becomes infinite in float32, and NumPy warns; we look for ourselves whether anything was lost.
    with np.errstate(over="ignore"):
        small = column.astype(np.float32)
    # The round trip is the proof. to_numeric(downcast="float") only asks whether the values are *close*.
    is_exact = np.array_equal(small.to_numpy(np.float64), column.to_numpy(), equal_nan=True)
    return small if is_exact else column


# In real life: give `dtype=` to read_csv, so that the large table never exists, or keep the data in Parquet, whose
# files know their types. With pyarrow installed pandas stores strings without Python objects: categories save less.
