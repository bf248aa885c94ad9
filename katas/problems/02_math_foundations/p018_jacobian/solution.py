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
    if x.ndim != 1:
        raise ValueError(f"x must be of shape (n,), got {x.shape}")
    # Written so that NaN is refused too: every comparison with it is False.
    if not step > 0:
        raise ValueError(f"step must be above 0, got {step}")
    # Integers could not move by 6e-6, and the size of int8 -128 is -128 again.
    point = x.astype(np.float64)
    # Beside 1e12 a step of 6e-6 would vanish in rounding; near 0, where |x| says nothing, the step stays as it is.
    steps = step * np.maximum(1.0, np.abs(point))  # (n,)

    columns = []
    for j, h in enumerate(steps):
        # Copies: f may write into its argument, and the next call must not see that.
        ahead, behind = point.copy(), point.copy()
        ahead[j] += h
        behind[j] -= h
        # As float64 first: in uint8 the difference of 5 and 7 is 254.
        difference = np.asarray(f(ahead), dtype=np.float64) - np.asarray(f(behind), dtype=np.float64)
        columns.append(np.atleast_1d(difference) / (2 * h))  # (m,)
    # Each input gave one column of the matrix; stacked as rows they would be the transpose.
    return np.stack(columns, axis=1)  # (m, n)


# Why 6e-6: the formula is wrong by about h², rounding by about eps / h; their sum is least near the cube root of eps.
# scipy.optimize.approx_fprime uses forward differences: half the calls, but an error that falls only with h. JAX's
# jacfwd and jacrev need no step at all: they differentiate the program itself.
