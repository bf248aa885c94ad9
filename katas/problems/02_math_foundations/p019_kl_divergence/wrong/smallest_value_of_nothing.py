"""Asks for the smallest value to see whether one is negative: an empty batch has no smallest value, and NumPy raises instead of giving an empty result."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def kl_divergence(p: NDArray[Any], q: NDArray[Any], axis: int = -1) -> Any:
    """KL(p ‖ q) = Σ p · log(p / q) along `axis`, with the natural logarithm."""
    p, q = np.asarray(p), np.asarray(q)
    tolerances = [1e-3 if values.dtype == np.float32 else 1e-6 for values in (p, q)]
    p, q = p.astype(np.float64), q.astype(np.float64)
    shape = np.broadcast_shapes(p.shape, q.shape)
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"axis {axis} does not fit the shape {shape}")
    axis = axis % len(shape)
    for name, values, tolerance in zip("pq", (p, q), tolerances, strict=True):
        own = axis - (len(shape) - values.ndim)
        if own < 0 or values.shape[own] != shape[axis]:
            raise ValueError(f"{name} of shape {values.shape} does not reach along axis {axis} of {shape}")
        if not values.min() >= 0:
            raise ValueError(f"{name} holds a negative value or NaN")
        if not (np.abs(values.sum(axis=own) - 1) <= tolerance).all():
            raise ValueError(f"{name} does not sum to 1")
    p, q = np.broadcast_to(p, shape), np.broadcast_to(q, shape)
    both = (p > 0) & (q > 0)
    terms = np.zeros(shape)
    terms[both] = p[both] * (np.log(p[both]) - np.log(q[both]))
    terms[(p > 0) & (q == 0)] = np.inf
    return np.maximum(terms.sum(axis=axis), 0.0)
