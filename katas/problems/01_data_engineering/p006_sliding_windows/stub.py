"""Cut a time series into overlapping windows without copying it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def windows(series: NDArray[Any], size: int, step: int = 1) -> NDArray[Any]:
    """Every full window of `size` steps, one beginning every `step` steps.

    series: (n, d), or (n,) for d = 1.
    Returns (m, size, d), a view of the series; m is 0 when the window is longer than the series.
    Raises ValueError when size or step is below 1.
    """
    raise NotImplementedError


def supervised(series: NDArray[Any], size: int, horizon: int = 1) -> tuple[NDArray[Any], NDArray[Any]]:
    """Windows one step apart, and for each the step `horizon` steps after its last one.

    series: (n, d), or (n,) for d = 1.
    Returns X (m, size, d), a view as in `windows`, and y (m, d); m is 0 when nothing fits.
    Raises ValueError when size or horizon is below 1.
    """
    raise NotImplementedError
