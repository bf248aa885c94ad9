"""Derivatives of a function, measured."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def jacobian(
    f: Callable[[NDArray[np.float64]], Any], x: NDArray[Any], step: float | None = None
) -> NDArray[np.float64]:
    """Derivatives of all outputs of `f` by all inputs at `x`, by central differences.

    f: (n,) float64 -> (m,), a number or a 0-d array (m = 1); called 2n times, each time with an array of its own.
    x: (n,), n >= 1; left unchanged.
    step: input j moves by step * max(1, |x[j]|) to either side; None means the cube root of the machine epsilon.
    Returns (m, n): one row for each output.
    Raises ValueError, naming x, step or f (for its result), when it is not as said here.
    """
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"x must be of shape (n,) with n >= 1, got {x.shape}")
    if step is not None and not step > 0:
        raise ValueError(f"step must be above 0, got {step}")
    # The formula is wrong by about h², rounding by about eps / h: the sum of both is least near the cube root of eps.
    relative = float(np.cbrt(np.finfo(np.float64).eps)) if step is None else step

    point = x.astype(np.float64)
    # Beside 1e12 a step of 6e-6 would vanish in rounding; near 0, where |x| says nothing, the step stays as it is.
    h = relative * np.maximum(1.0, np.abs(point))  # (n,)
    columns = [
        (_outputs(f, point, j, h[j]) - _outputs(f, point, j, -h[j])) / (2 * h[j]) for j in range(len(point))
    ]  # n times (m,)
    # Each input gave one column of the matrix; stacked as rows they would be the transpose.
    return np.stack(columns, axis=1)  # (m, n)


def _outputs(f: Callable[[NDArray[np.float64]], Any], point: NDArray[np.float64], j: int, move: float) -> Any:
    """The outputs of `f`, as a new (m,) array, where input j is moved."""
    # A copy at each call: f may write into its argument, and the next call must not see that.
    moved = point.copy()
    moved[j] += move
    # A copy again: f may fill the same array at the next call, and every difference would be 0.
    values = np.array(f(moved), dtype=np.float64)
    if values.ndim > 1:
        raise ValueError(f"f must give a number or a flat array, it gave shape {values.shape}")
    return np.atleast_1d(values)


# torch.autograd.gradcheck compares such differences, in float64 for the reason above, with what backward() claims.
# scipy.optimize.approx_fprime uses forward differences: half the calls, but an error that falls only with h. JAX's
# jacfwd and jacrev need no step at all: they differentiate the program itself.
