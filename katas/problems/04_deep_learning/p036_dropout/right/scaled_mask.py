"""Keeps a mask that holds the factors, 0 or 1 / (1 - p), and picks by np.where."""
import numpy as np


class Dropout:
    def __init__(self, p, rng):
        if np.isnan(p) or p < 0 or p > 1:
            raise ValueError("p is a probability")
        self.keep, self.rng, self.mask = 1.0 - p, rng, None

    def forward(self, x, training=True):
        if not training:
            self.mask = None
            return x
        kept = self.rng.random(x.shape) < self.keep
        self.mask = kept / self.keep if self.keep else np.zeros(x.shape)
        return self.backward(x)

    def backward(self, upstream):
        if self.mask is None:
            return upstream
        safe = np.where(self.mask > 0, upstream, np.zeros_like(upstream))
        return (safe * self.mask).astype(upstream.dtype)
