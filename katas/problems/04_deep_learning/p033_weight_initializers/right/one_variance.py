"""Both by one helper that scales standard draws; the kernel's places are counted by NumPy."""
import numpy as np


def fans(shape):
    if len(shape) <= 1:
        raise ValueError("a bias has no fans")
    area = int(np.prod(shape[2:], dtype=np.int64))
    return shape[1] * area, shape[0] * area


def _standard(shape, rng, kind):
    if kind not in {"normal", "uniform"}:
        raise ValueError(kind)
    if kind == "normal":
        return rng.standard_normal(size=shape)
    return (2 * rng.random(shape) - 1) * 3**0.5


def xavier(shape, rng, kind="normal"):
    return _standard(shape, rng, kind) * (2 / sum(fans(shape))) ** 0.5


def he(shape, rng, kind="normal", mode="fan_in"):
    by_mode = dict(zip(("fan_in", "fan_out"), fans(shape), strict=True))
    if mode not in by_mode:
        raise ValueError(f"unknown mode {mode}")
    return _standard(shape, rng, kind) * np.sqrt(2 / by_mode[mode])
