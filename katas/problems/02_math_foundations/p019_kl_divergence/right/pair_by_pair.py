"""One distribution after the other, in Python's floats."""
import math

import numpy as np


def _one(p, q):
    total = 0.0
    for a, b in zip(p, q, strict=True):
        if a == 0:
            continue
        if b == 0:
            return math.inf
        total += a * math.log(a) - a * math.log(b)
    return total if total > 0 else 0.0


def kl_divergence(p, q, axis=-1):
    shape = np.broadcast_shapes(p.shape, q.shape)
    tables = {}
    for name, table in (("p", p), ("q", q)):
        # Axis `axis` of the broadcast shape, counted from the end; a length of 1 there must not be stretched.
        own = axis if axis < 0 else axis - len(shape)
        if table.ndim < -own or table.shape[own] != shape[own]:
            raise ValueError(name + " is too short along the axis")
        wide = np.broadcast_to(table, shape)
        wide = np.moveaxis(wide.astype(float), axis, -1)
        for row in wide.reshape(-1, wide.shape[-1]):
            bad = math.isnan(sum(row)) or min(row) < 0
            if bad or abs(math.fsum(row) - 1) > (1e-3 if table.dtype == np.float32 else 1e-6):
                raise ValueError(name + " is no distribution")
        tables[name] = wide
    out = np.zeros(tables["p"].shape[:-1])
    for index in np.ndindex(out.shape):
        out[index] = _one(tables["p"][index], tables["q"][index])
    return float(out) if out.ndim == 0 else out
