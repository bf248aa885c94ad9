"""Class by class, reordered at the end; plain Python sums, and a table of functions for the kinds."""

import math
from collections import namedtuple

import numpy as np

Moments = namedtuple("Moments", "mean variance fourth")
Agreement = namedtuple("Agreement", "mean variance z_mean z_variance")


def _normal(mean, std):
    if math.isnan(std) or std < 0:
        raise ValueError("bad std")
    return Moments(mean, std**2, 3 * std**4)


def _binomial(n, p):
    if math.isnan(n) or n < 0:
        raise ValueError("bad n")
    if math.isnan(p) or p < 0 or p > 1:
        raise ValueError("p is no probability")
    q = 1 - p
    return Moments(n * p, n * p * q, 3 * (n * p * q) ** 2 + n * p * q * (1 - 6 * p * q))


def _poisson(rate):
    if math.isnan(rate) or rate < 0:
        raise ValueError("bad rate")
    return Moments(rate, rate, 3 * rate**2 + rate)


KINDS = {"normal": _normal, "binomial": _binomial, "poisson": _poisson}


def moments(kind, **parameters):
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is unknown")
    return KINDS[kind](**parameters)


def simulate(kind, size, rng, **parameters):
    moments(kind, **parameters)
    if kind == "normal":
        return parameters["mean"] + parameters["std"] * rng.standard_normal(size)
    if kind == "binomial":
        return (rng.random((size, parameters["n"])) < parameters["p"]).sum(axis=1)
    return rng.poisson(lam=parameters["rate"], size=size)


def compare(samples, expected):
    values = [float(v) for v in samples]
    m = len(values)
    if m < 2:
        raise ValueError("samples: at least two")
    if expected.variance == 0:
        raise ValueError("expected: no spread")
    mean = sum(values) / m
    variance = sum((v - mean) ** 2 for v in values) / (m - 1)
    se = math.sqrt((expected.fourth - expected.variance**2 * (m - 3) / (m - 1)) / m)
    return Agreement(
        mean, variance, (mean - expected.mean) / math.sqrt(expected.variance / m), (variance - expected.variance) / se
    )


def make_classes(counts, means, stds, rng):
    means = np.asarray(means, dtype=float)
    if not len(counts) == len(means) == len(stds):
        raise ValueError("counts, means and stds differ in length")
    if min(counts) < 0:
        raise ValueError("counts < 0")
    if min(stds) < 0:
        raise ValueError("stds < 0")
    d = means.shape[1]
    x = np.vstack([means[k] + stds[k] * rng.standard_normal((counts[k], d)) for k in range(len(means))])
    y = np.concatenate([np.full(counts[k], k) for k in range(len(means))])
    order = rng.permutation(len(y))
    return x[order], y[order]
