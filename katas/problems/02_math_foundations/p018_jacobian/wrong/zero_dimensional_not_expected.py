"""A 0-d result is not turned into one output."""

from collections.abc import Callable
from typing import Any
import numpy as np
from numpy.typing import NDArray


def jacobian(f, x, step=None):
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f'x must be of shape (n,) with n >= 1, got {x.shape}')
    if step is not None and (not step > 0):
        raise ValueError(f'step must be above 0, got {step}')
    relative = float(np.cbrt(np.finfo(np.float64).eps)) if step is None else step
    point = x.astype(np.float64)
    h = relative * np.maximum(1.0, np.abs(point))
    columns = [(_outputs(f, point, j, h[j]) - _outputs(f, point, j, -h[j])) / (2 * h[j]) for j in range(len(point))]
    return np.stack(columns, axis=1)


def _outputs(f, point, j, move):
    moved = point.copy()
    moved[j] += move
    values = np.array(f(moved), dtype=np.float64)
    if values.ndim > 1:
        raise ValueError(f'f must give a number or a flat array, it gave shape {values.shape}')
    return values
