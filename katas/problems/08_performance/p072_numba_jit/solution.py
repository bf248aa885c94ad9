"""Two loops that Numba compiles."""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit
def smooth(x: NDArray[Any], alpha: float) -> NDArray[np.float64]:
    """Return the exponential moving average of x, (n,); NaN leaves it as it was.

    Raises ValueError unless 0 < alpha <= 1.
    """
    if not 0 < alpha <= 1:  # written so that NaN, for which every comparison is False, is refused
        raise ValueError("alpha must be above 0 and at most 1")
    result = np.empty(len(x))  # float64; empty_like(x) would cut off the fractions for integers
    average = np.nan
    for i in range(len(x)):
        if np.isnan(average):
            average = float(x[i])  # the first number begins the average
        elif not np.isnan(x[i]):
            average = alpha * x[i] + (1 - alpha) * average
        result[i] = average
    return result


@numba.njit
def nearest(points: NDArray[Any], centres: NDArray[Any]) -> NDArray[np.int64]:
    """Return for each of the points, (n, d), the number of the nearest of the centres, (k, d).

    Raises ValueError where d differs, and where there are no centres.
    """
    # NumPy would raise an IndexError for a wrong index. Compiled code reads the memory behind the array.
    if points.shape[1] != centres.shape[1]:
        raise ValueError("points and centres must have the same number of columns")
    if len(centres) == 0:
        raise ValueError("there must be at least one centre")
    labels = np.zeros(len(points), dtype=np.int64)
    for i in range(len(points)):
        least = np.inf
        for j in range(len(centres)):
            # The innermost loop, in place of ((points[i] - centres[j]) ** 2).sum(), which makes an array each time.
            distance = 0.0
            for c in range(points.shape[1]):
                gap = points[i, c] - centres[j, c]
                distance += gap * gap
            if distance < least:  # not <=, which would take the last of equals
                least, labels[i] = distance, j
    return labels


def warm_up() -> None:
    """Compile both for float64, so that no later call has to."""
    # The types decide, not the values: as few values as possible.
    smooth(np.zeros(1), 0.5)
    nearest(np.zeros((1, 1)), np.zeros((1, 1)))


# cache=True keeps the machine code in a file, so that the next process has it at once; parallel=True and prange share a
# loop among the cores. Then each step may write to its own place only: two that add to one place lose updates.
