"""Draws 0 and 1 by rng.binomial, copies, scales in the copy and writes zeros into it."""
import numpy as np


class Dropout:
    def __init__(self, p, rng):
        if not (p >= 0.0 and p <= 1.0):
            raise ValueError(f"{p=}")
        self.p = p
        self.rng = rng
        self.dropped = None
        self.scale = 1.0

    def forward(self, x, training=True):
        if training:
            self.dropped = self.rng.binomial(1, self.p, size=np.shape(x)).astype(bool)
            self.scale = 1.0 / (1.0 - self.p) if self.p < 1 else 0.0
        else:
            self.dropped = np.zeros(np.shape(x), dtype=bool)
            self.scale = 1.0
        return self._apply(x)

    def backward(self, upstream):
        return self._apply(upstream)

    def _apply(self, values):
        out = np.array(values)
        out[self.dropped] = 0
        out *= self.scale
        return out
