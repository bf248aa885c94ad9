"""Put the columns of a table on one scale."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def zscore(x: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Each column of `x` moved to mean 0 and scaled to standard deviation 1 (ddof=0).

    x: (n, d) integers or floats, finite; left unchanged.
    Returns (n, d) floats, computed in float64; a column of equal values becomes zeros.
    Raises ValueError when x is not two-dimensional or has no rows.
    """
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must be two-dimensional with at least one row, got shape {x.shape}")

    # Left in float16 or float32, the sums below would round; astype also makes the copy that keeps x as it was.
    table = x.astype(np.float64)  # (n, d)

    # axis=0 runs down the rows, which leaves one number for each column.
    mean = table.mean(axis=0)  # (d,)
    # NumPy's std subtracts the mean before it squares: the short formula E[x²] - E[x]² cancels far from zero.
    std = table.std(axis=0)  # (d,)

    # Asking the values themselves is exact; std can be 1e-17 for a column of 0.1, because its mean is rounded.
    constant = table.min(axis=0) == table.max(axis=0)  # (d,)

    # A divisor of 1 keeps 0/0 from ever being computed; cleaning up NaN afterwards would still have warned.
    scores: NDArray[np.float64] = (table - mean) / np.where(constant, 1.0, std)  # (n, d): (d,) stretched over the rows
    return scores


# scikit-learn's StandardScaler does this too and remembers mean and standard deviation from `fit`, so that
# tomorrow's data are scaled by the training data's numbers; it also learns in batches (`partial_fit`) and skips NaN.
