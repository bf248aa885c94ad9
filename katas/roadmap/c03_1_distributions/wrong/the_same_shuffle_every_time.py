"""The rows are shuffled by a generator of their own that always starts anew with seed 0: the order of the labels is the same in every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Moments:
    """What theory expects: E[X], E[(X - mean)²] and E[(X - mean)⁴]."""

    mean: float
    variance: float
    fourth: float


@dataclass(frozen=True)
class Agreement:
    """What the samples show, and how many standard errors that is from theory."""

    mean: float
    variance: float
    z_mean: float
    z_variance: float


def moments(kind: str, **parameters: float) -> Moments:
    """Give the moments of "normal" (mean, std), "binomial" (n, p) or "poisson" (rate).

    Raises ValueError that names kind, or the parameter that is out of range.
    """
    _check(kind, parameters)
    if kind == "normal":
        variance = float(parameters["std"]) ** 2
        return Moments(float(parameters["mean"]), variance, 3 * variance**2)
    if kind == "binomial":
        n, p = parameters["n"], float(parameters["p"])
        variance = n * p * (1 - p)
        return Moments(float(n * p), float(variance), float(variance * (1 + 3 * (n - 2) * p * (1 - p))))
    rate = float(parameters["rate"])
    return Moments(rate, rate, rate * (1 + 3 * rate))


def _check(kind: str, parameters: dict[str, Any]) -> None:
    if kind not in ("normal", "binomial", "poisson"):
        raise ValueError(f"kind must be normal, binomial or poisson, got {kind!r}")
    for name in ("std", "n", "rate"):
        if name in parameters and not parameters[name] >= 0:
            raise ValueError(f"{name} must not be negative, got {parameters[name]}")
    if "p" in parameters and not 0 <= parameters["p"] <= 1:
        raise ValueError(f"p must be from 0 to 1, got {parameters['p']}")


def simulate(kind: str, size: int, rng: np.random.Generator, **parameters: Any) -> NDArray[Any]:
    """Draw `size` independent values: (size,), floats for the normal, integers for binomial and Poisson.

    Raises ValueError that names kind, or the parameter that is out of range.
    """
    _check(kind, parameters)
    if kind == "normal":
        return rng.normal(parameters["mean"], parameters["std"], size)
    if kind == "binomial":
        return rng.binomial(parameters["n"], parameters["p"], size)
    return rng.poisson(parameters["rate"], size)


def compare(samples: NDArray[Any], expected: Moments) -> Agreement:
    """Hold the samples against theory, in standard errors.

    samples: (m,), left unchanged; the variance is taken with m - 1.
    Raises ValueError naming samples when m < 2, and naming expected when its variance is 0.
    """
    samples = np.asarray(samples, dtype=np.float64)
    m = len(samples)
    if m < 2:
        raise ValueError(f"samples must be two or more, got {m}")
    if expected.variance == 0:
        raise ValueError("expected must have a variance above 0")
    mean, variance = samples.mean(), samples.var(ddof=1)
    z_mean = (mean - expected.mean) / np.sqrt(expected.variance / m)
    spread = (expected.fourth - expected.variance**2 * (m - 3) / (m - 1)) / m
    z_variance = (variance - expected.variance) / np.sqrt(spread)
    return Agreement(float(mean), float(variance), float(z_mean), float(z_variance))


def make_classes(
    counts: Sequence[int], means: NDArray[Any], stds: Sequence[float], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw a shuffled classification set: x (rows, features) and the labels y (rows,).

    counts: rows of each class; means: (classes, features); stds: one deviation for each class.
    Raises ValueError that names counts, means or stds when they do not fit together, or are negative.
    """
    means = np.asarray(means)
    if means.ndim != 2:
        raise ValueError(f"means must be two-dimensional, got shape {means.shape}")
    sizes, deviations = np.asarray(counts), np.asarray(stds, dtype=np.float64)
    if sizes.shape != (len(means),):
        raise ValueError("counts must be one number for each row of means")
    if deviations.shape != (len(means),):
        raise ValueError("stds must be one number for each row of means")
    if (sizes < 0).any():
        raise ValueError("counts must not be negative")
    if (deviations < 0).any():
        raise ValueError("stds must not be negative")
    y = np.repeat(np.arange(len(means)), sizes.astype(np.int64))
    noise = rng.normal(size=(len(y), means.shape[1]))
    x = means[y] + deviations[y, None] * noise
    order = np.random.default_rng(0).permutation(len(y))
    return x[order], y[order]
