"""Quantization of float32 to int8: affine or symmetric, for a whole tensor or for each channel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def parameters(x: Array, symmetric: bool = False, axis: int | None = None) -> tuple[Any, Any]:
    """Return (scale, zero_point) of a grid of int8 that fits x: one, or one for each index along the axis.

    symmetric: zero_point is 0, and the grid reaches as far below 0 as above.
    Raises ValueError for NaN and infinity in x.
    """
    raise NotImplementedError


def quantize(x: Array, scale: Any, zero_point: Any, axis: int | None = None) -> Array:
    """Return the nearest points of the grid, int8, of the shape of x; what lies beyond it is put at its ends.

    Raises ValueError for NaN in x.
    """
    raise NotImplementedError


def dequantize(q: Array, scale: Any, zero_point: Any, axis: int | None = None) -> Array:
    """Return the floats that the integers stand for, float32, of the shape of q."""
    raise NotImplementedError
