"""Two loops that Numba compiles."""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


def smooth(x: NDArray[Any], alpha: float) -> NDArray[np.float64]:
    """Return the exponential moving average of x, (n,); NaN leaves it as it was.

    Raises ValueError unless 0 < alpha <= 1.
    """
    raise NotImplementedError


def nearest(points: NDArray[Any], centres: NDArray[Any]) -> NDArray[np.int64]:
    """Return for each of the points, (n, d), the number of the nearest of the centres, (k, d).

    Raises ValueError where d differs, and where there are no centres.
    """
    raise NotImplementedError


def warm_up() -> None:
    """Compile both for float64, so that no later call has to."""
    raise NotImplementedError
