"""One value after the other, in Python's own numbers."""
import math

import numpy as np


def parameters(x, symmetric=False, axis=None):
    if axis is not None:
        grids = [parameters(x.take(i, axis), symmetric) for i in range(x.shape[axis])]
        return np.array([s for s, _ in grids], dtype=float), np.array([z for _, z in grids], dtype=np.int32)
    values = [0.0] + [float(v) for v in x.flat]
    if not all(map(math.isfinite, values)):
        raise ValueError("x")
    if symmetric:
        return max(map(abs, values)) / 127 or 1.0, 0
    low, high = min(values), max(values)
    scale = (high - low) / 255 or 1.0
    return scale, -128 - round(low / scale)


def quantize(x, scale, zero_point, axis=None):
    out = np.zeros(x.shape, dtype=np.int8)
    for place in np.ndindex(x.shape):
        s, z = (scale, zero_point) if axis is None else (scale[place[axis]], zero_point[place[axis]])
        v = float(x[place])
        if math.isnan(v):
            raise ValueError("NaN")
        step = (round(v / float(s)) if math.isfinite(v) else int(math.copysign(10**6, v))) + int(z)
        out[place] = max(-128, min(127, step))
    return out


def dequantize(q, scale, zero_point, axis=None):
    out = np.zeros(q.shape, dtype=np.float32)
    for place in np.ndindex(q.shape):
        s, z = (scale, zero_point) if axis is None else (scale[place[axis]], zero_point[place[axis]])
        out[place] = (int(q[place]) - int(z)) * float(s)
    return out
