"""The zeros of the caller's own p are overwritten."""

from typing import Any
import numpy as np
from numpy.typing import NDArray


def kl_divergence(p, q, axis=-1):
    shape = np.broadcast_shapes(p.shape, q.shape)
    wide_p, wide_q = (_stretched(p, 'p', shape, axis), _stretched(q, 'q', shape, axis))
    happens = wide_p > 0
    log_p = np.log(wide_p, out=np.zeros(shape), where=happens)
    log_q = np.log(wide_q, out=np.full(shape, -np.inf), where=wide_q > 0)
    terms = np.multiply(wide_p, log_p - log_q, out=np.zeros(shape), where=happens)
    return np.maximum(terms.sum(axis=axis), 0.0)


def _stretched(values, name, shape, axis):
    slack = 0.001 if values.dtype == np.float32 else 1e-06
    exact = values.astype(np.float64, copy=False)
    own_axis = axis if axis < 0 else axis - len(shape)
    if -own_axis > values.ndim or values.shape[own_axis] != shape[own_axis]:
        raise ValueError(f'{name} of shape {values.shape} has no whole distribution along axis {axis} of {shape}')
    if not (exact >= 0).all() or not (np.abs(exact.sum(axis=own_axis) - 1) <= slack).all():
        raise ValueError(f'{name} must hold probabilities: none negative, and a sum of 1 along axis {axis}')
    exact[exact == 0] = 0.0 if name == 'q' else 1e-300
    return np.broadcast_to(exact, shape)
