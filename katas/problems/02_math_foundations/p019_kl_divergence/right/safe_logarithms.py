"""Puts harmless stand-ins in place of the zeros before it takes logarithms."""
import numpy as np


def kl_divergence(p, q, axis=-1):
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    if p.shape[axis] != q.shape[axis]:
        raise ValueError("p and q differ in length along the axis")
    for values in (p, q):
        if np.isnan(values).any() or values.min(initial=0.0) < 0:
            raise ValueError("a negative or NaN value")
        if not np.allclose(values.sum(axis=axis), 1.0, rtol=0.0, atol=1e-4):
            raise ValueError("a sum is not 1")
    sums = (p * (np.log(np.where(p > 0, p, 1.0)) - np.log(np.where(q > 0, q, 1.0)))).sum(axis=axis)
    impossible = ((p > 0) & (q == 0)).any(axis=axis)
    return np.where(impossible, np.inf, np.clip(sums, 0.0, None))
