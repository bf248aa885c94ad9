"""One sample has no variance with m - 1; it must be refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Moments:
    mean: float
    variance: float
    fourth: float


@dataclass(frozen=True)
class Agreement:
    mean: float
    variance: float
    z_mean: float
    z_variance: float


def moments(kind: str, **parameters: float) -> Moments:
    _check(kind, parameters)
    if kind == "normal":
        variance = float(parameters["std"]) ** 2
        return Moments(float(parameters["mean"]), variance, 3 * variance**2)
    if kind == "binomial":
        n, p = (parameters["n"], float(parameters["p"]))
        variance = n * p * (1 - p)
        return Moments(n * p, variance, variance * (1 + 3 * (n - 2) * p * (1 - p)))
    rate = float(parameters["rate"])
    return Moments(rate, rate, rate * (1 + 3 * rate))


def simulate(kind: str, size: int, rng: np.random.Generator, **parameters: Any) -> NDArray[Any]:
    _check(kind, parameters)
    if kind == "normal":
        return rng.normal(parameters["mean"], parameters["std"], size)
    if kind == "binomial":
        return rng.binomial(parameters["n"], parameters["p"], size)
    return rng.poisson(parameters["rate"], size)


def _check(kind: str, parameters: Mapping[str, float]) -> None:
    if kind not in ("normal", "binomial", "poisson"):
        raise ValueError(f"kind must be normal, binomial or poisson, got {kind!r}")
    for name in ("std", "n", "rate"):
        if parameters.get(name, 0) < 0:
            raise ValueError(f"{name} must not be negative, got {parameters[name]}")
    if not 0 <= parameters.get("p", 0) <= 1:
        raise ValueError(f"p must lie between 0 and 1, got {parameters['p']}")


def compare(samples: NDArray[Any], expected: Moments) -> Agreement:
    m = len(samples)
    if m < 1:
        raise ValueError(f"samples must hold at least two values to have a variance, got {m}")
    if expected.variance == 0:
        raise ValueError("expected has variance 0: without spread there is no standard error")
    values = np.asarray(samples, dtype=np.float64)
    mean = float(values.mean())
    variance = float(values.var(ddof=1))
    error_of_mean = math.sqrt(expected.variance / m)
    scatter = (expected.fourth - expected.variance**2 * (m - 3) / (m - 1)) / m
    return Agreement(
        mean, variance, (mean - expected.mean) / error_of_mean, (variance - expected.variance) / math.sqrt(scatter)
    )


def make_classes(
    counts: Sequence[int], means: NDArray[Any], stds: Sequence[float], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rows, centres, spread = (
        np.asarray(counts),
        np.asarray(means, dtype=np.float64),
        np.asarray(stds, dtype=np.float64),
    )
    if centres.ndim != 2:
        raise ValueError(f"means must have the shape (classes, features), got {centres.shape}")
    for name, given in (("counts", rows), ("stds", spread)):
        if given.shape != (len(centres),):
            raise ValueError(f"{name} must hold one number for each of the {len(centres)} rows of means")
        if (given < 0).any():
            raise ValueError(f"{name} must not be negative")
    y = rng.permutation(np.repeat(np.arange(len(centres)), rows))
    x = rng.normal(centres[y], spread[y][:, None])
    return (x, y)
