"""Plain Python: each column's values are looked at one by one."""

import struct

import numpy as np
import pandas as pd

INTS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]


def fits(x):
    try:
        return x != x or struct.unpack("f", struct.pack("f", x))[0] == x
    except OverflowError:
        return False


def shrink(df):
    out = {}
    for name in df.columns:
        s = df[name]
        values = s.tolist()
        d = str(s.dtype)
        if d in INTS:
            for t in INTS:
                if all(np.iinfo(t).min <= v <= np.iinfo(t).max for v in values):
                    s = s.astype(t)
                    break
        elif d == "float64":
            if all(fits(v) for v in values):
                s = s.astype("float32")
        elif d in ("object", "str"):
            there = [v for v in values if isinstance(v, str)]
            missing = [v for v in values if v is None or (isinstance(v, float) and v != v)]
            if len(there) + len(missing) == len(values) and len(set(there)) * 2 <= len(values):
                s = s.astype("category")
        out[name] = s.copy()
    return pd.DataFrame(out, index=df.index, columns=df.columns)
