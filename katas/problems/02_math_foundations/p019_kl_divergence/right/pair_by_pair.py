"""One distribution after the other, in Python's floats."""
import math

import numpy as np


def _one(p, q):
    total = 0.0
    for a, b in zip(p, q, strict=True):
        if a < 0 or b < 0 or a != a or b != b:
            raise ValueError("negative or NaN")
        if a > 0:
            total += a * (math.log(a) - math.log(b)) if b > 0 else math.inf
    if max(abs(sum(p) - 1), abs(sum(q) - 1)) > 1e-4:
        raise ValueError("the sum is off 1")
    return total if total > 0 else 0.0


def kl_divergence(p, q, axis=-1):
    if p.ndim == q.ndim == 1:
        return _one(p.tolist(), q.tolist())
    p, q = np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1)
    shape = p.shape[:-1] or q.shape[:-1]
    ps = p.reshape(-1, p.shape[-1]).tolist()
    qs = q.reshape(-1, q.shape[-1]).tolist()
    count = max(len(ps), len(qs))
    ps, qs = ps * (count // len(ps)), qs * (count // len(qs))
    return np.array([_one(a, b) for a, b in zip(ps, qs, strict=True)]).reshape(shape)
