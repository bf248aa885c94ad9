"""Chooses harmless stand-ins before taking logarithms; checks after stretching."""
import numpy as np


def _probabilities(values, name, axis, slack):
    if np.isnan(values).any() or values.min(initial=0.0) < 0:
        raise ValueError(f"{name} has a negative or NaN value")
    if not np.allclose(values.sum(axis=axis), 1.0, rtol=0.0, atol=slack):
        raise ValueError(f"{name} does not sum to 1")


def kl_divergence(p, q, axis=-1):
    slacks = [1e-3 if t.dtype == "float32" else 1e-6 for t in (p, q)]
    axis = axis if axis < 0 else axis - max(p.ndim, q.ndim)
    if p.shape[axis:][:1] != q.shape[axis:][:1] or min(p.ndim, q.ndim) < -axis:
        raise ValueError("p and q differ in length along the axis")
    p, q = np.broadcast_arrays(p.astype(float), q.astype(float))
    _probabilities(p, "p", axis, slacks[0])
    _probabilities(q, "q", axis, slacks[1])
    safe_p, safe_q = np.where(p > 0, p, 1.0), np.where(q > 0, q, 1.0)
    sums = (p * (np.log(safe_p) - np.log(safe_q))).sum(axis=axis)
    impossible = ((p > 0) & (q == 0)).any(axis=axis)
    return np.where(impossible, np.inf, np.clip(sums, 0.0, None))
