"""Derivatives of a function, measured."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def jacobian(f: Callable[[NDArray[np.float64]], Any], x: NDArray[Any], step: float = 6e-6) -> NDArray[np.float64]:
    """Derivatives of all outputs of `f` by all inputs at `x`, by central differences.

    f: (n,) float64 -> (m,), a number or a 0-d array (m = 1); called 2n times, each time with an array of its own.
    x: (n,), n >= 1; left unchanged.
    step: input j moves by step * max(1, |x[j]|) to either side.
    Returns (m, n): one row for each output.
    Raises ValueError when x is not one-dimensional, or step is not above 0.
    """
    raise NotImplementedError
