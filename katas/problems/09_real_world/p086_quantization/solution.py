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
    if not np.isfinite(x).all():
        raise ValueError("x holds NaN or infinity, which no grid can hold")
    others = None if axis is None else tuple(np.delete(np.arange(x.ndim), axis))  # the axes that are reduced
    # initial=0 takes 0 into the range, since padding and what ReLU cuts off is exactly 0 and has to stay so. It is the
    # answer for no values at all, too. In float32 the range could overflow, and the step underflow.
    low = x.min(axis=others, initial=0).astype(np.float64)  # () or (n,)
    high = x.max(axis=others, initial=0).astype(np.float64)
    scale = np.maximum(-low, high) / 127 if symmetric else (high - low) / 255
    scale = np.where(scale > 0, scale, 1.0)[()]  # zeros alone: any step will do
    # A whole number, so that 0 is a point of the grid. low stands for -128 then, up to half a step.
    zero_point = np.zeros_like(scale) if symmetric else -128 - np.round(low / scale)
    return scale, zero_point.astype(np.int8)


def quantize(x: Array, scale: Any, zero_point: Any, axis: int | None = None) -> Array:
    """Return the nearest points of the grid, int8, of the shape of x; what lies beyond it is put at its ends.

    Raises ValueError for NaN in x.
    """
    if np.isnan(x).any():
        raise ValueError("x holds NaN, for which there is no integer")
    steps = np.round(x.astype(np.float64) / _along(scale, axis, x.ndim)) + _along(zero_point, axis, x.ndim)
    # Clipped first: a cast of what does not fit wraps around, and makes -126 of 130.
    return np.asarray(np.clip(steps, -128, 127), dtype=np.int8)


def dequantize(q: Array, scale: Any, zero_point: Any, axis: int | None = None) -> Array:
    """Return the floats that the integers stand for, float32, of the shape of q."""
    # Up to 255 steps lie between q and zero_point, which int8 cannot hold.
    steps = q.astype(np.float64) - _along(zero_point, axis, q.ndim)
    return np.asarray(steps * _along(scale, axis, q.ndim), dtype=np.float32)


def _along(values: Any, axis: int | None, ndim: int) -> Any:
    """Return values shaped so that they are broadcast along the axis of an array: (n,) -> (1, n, 1)."""
    if axis is None:
        return values
    shape = [1] * ndim
    shape[axis] = -1  # (1, -1, 1): all of them there
    return np.reshape(values, shape)


# Hardware then multiplies int8 by int8 and adds in int32; the product of two scales is applied once, at the end. Better
# ranges than the extremes, which one outlier ruins, are found by percentiles, or by what loses least (GPTQ, AWQ).
