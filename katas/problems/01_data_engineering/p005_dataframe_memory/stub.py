"""The same values in less memory."""

import numpy as np
import pandas as pd


def shrink(df: pd.DataFrame) -> pd.DataFrame:
    """A copy of `df` with each column in the smallest type that keeps every value.

    df: columns of distinct names; left unchanged.
    Integers take the fewest bytes that hold them all; float64 becomes float32 where every value comes back exactly;
    strings become categories where at most half as many are distinct as there are rows; all else stays.
    """
    raise NotImplementedError
