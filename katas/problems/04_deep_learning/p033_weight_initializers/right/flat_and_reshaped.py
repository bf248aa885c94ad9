"""Draws one long row of numbers and gives it its shape afterwards; the bounds as in the papers."""
import math

import numpy as np


def fans(shape):
    if len(shape) < 2:
        raise ValueError("need at least (n_out, n_in)")
    n = 1
    for length in shape[2:]:
        n *= length
    return shape[1] * n, shape[0] * n


def _numbers(shape, rng, kind, std):
    size = math.prod(shape)
    if kind == "uniform":
        bound = math.sqrt(3) * std
        flat = bound - rng.random(size) * 2 * bound
    elif kind == "normal":
        flat = std * rng.normal(size=size)
    else:
        raise ValueError("kind: normal or uniform")
    return np.reshape(flat, shape)


def xavier(shape, rng, kind="normal"):
    fan_in, fan_out = fans(shape)
    return _numbers(shape, rng, kind, math.sqrt(2 / (fan_in + fan_out)))


def he(shape, rng, kind="normal", mode="fan_in"):
    fan_in, fan_out = fans(shape)
    if mode == "fan_in":
        return _numbers(shape, rng, kind, math.sqrt(2) / math.sqrt(fan_in))
    if mode == "fan_out":
        return _numbers(shape, rng, kind, math.sqrt(2) / math.sqrt(fan_out))
    raise ValueError("mode: fan_in or fan_out")
