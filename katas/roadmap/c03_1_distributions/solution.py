"""Three distributions, drawn and compared with theory, and a data set drawn at random."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    """Mean, variance and fourth central moment of "normal" (mean, std), "binomial" (n, p) or "poisson" (rate).

    Raises ValueError for an unknown kind, a negative std, n or rate, a p outside 0 to 1, and NaN for any of them.
    """
    _check(kind, parameters)
    if kind == "normal":
        variance = float(parameters["std"]) ** 2
        return Moments(float(parameters["mean"]), variance, 3 * variance**2)
    if kind == "binomial":
        n, p = parameters["n"], float(parameters["p"])
        variance = n * p * (1 - p)
        return Moments(n * p, variance, variance * (1 + 3 * (n - 2) * p * (1 - p)))
    rate = float(parameters["rate"])
    return Moments(rate, rate, rate * (1 + 3 * rate))


def simulate(kind: str, size: int, rng: np.random.Generator, **parameters: Any) -> NDArray[Any]:
    """Independent draws, shape (size,): floats for the normal, integers for binomial and Poisson.

    Raises ValueError as moments does.
    """
    _check(kind, parameters)
    if kind == "normal":
        return rng.normal(parameters["mean"], parameters["std"], size)
    if kind == "binomial":
        return rng.binomial(parameters["n"], parameters["p"], size)
    return rng.poisson(parameters["rate"], size)


def _check(kind: str, parameters: Mapping[str, float]) -> None:
    if kind not in ("normal", "binomial", "poisson"):
        raise ValueError(f"kind must be normal, binomial or poisson, got {kind!r}")
    # "not ... >= 0" is true for NaN as well, which "... < 0" is not.
    for name in ("std", "n", "rate"):
        if not parameters.get(name, 0) >= 0:
            raise ValueError(f"{name} must be 0 or more, got {parameters[name]}")
    if not 0 <= parameters.get("p", 0) <= 1:
        raise ValueError(f"p must lie between 0 and 1, got {parameters['p']}")


def compare(samples: NDArray[Any], expected: Moments) -> Agreement:
    """Mean and variance (m - 1) of samples (m,) in float64, and their signed distances in standard errors of theory.

    Raises ValueError for fewer than two samples, and for an expected variance of 0.
    """
    m = len(samples)
    if m < 2:
        raise ValueError(f"samples must hold at least two values to have a variance, got {m}")
    if expected.variance == 0:
        raise ValueError("expected has variance 0: without spread there is no standard error")
    # float64 first: a mean kept in float32 is too coarse to subtract from.
    values = np.asarray(samples, dtype=np.float64)  # (m,)
    mean = float(values.mean())
    # m - 1: the deviations are taken from the samples' own mean, which lies a little too well among them.
    variance = float(values.var(ddof=1))
    # The mean of m draws scatters with variance / m. How the variance scatters depends on the tails: the fourth moment.
    error_of_mean = math.sqrt(expected.variance / m)
    scatter = (expected.fourth - expected.variance**2 * (m - 3) / (m - 1)) / m
    return Agreement(
        mean, variance, (mean - expected.mean) / error_of_mean, (variance - expected.variance) / math.sqrt(scatter)
    )


def make_classes(
    counts: Sequence[int], means: NDArray[Any], stds: Sequence[float], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw a shuffled classification set: x (rows, features) and the labels y (rows,).

    counts: rows of each class; means: (classes, features); stds: one deviation for each class.
    Raises ValueError for counts or stds that are negative or not one number per row of means.
    """
    rows, centres, spread = np.asarray(counts), np.asarray(means, dtype=np.float64), np.asarray(stds, dtype=np.float64)
    for name, given in (("counts", rows), ("stds", spread)):
        # Without this, one count or one deviation would be broadcast to all classes.
        if given.shape != (len(centres),):
            raise ValueError(f"{name} must hold one number for each of the {len(centres)} rows of means")
        if (given < 0).any():
            raise ValueError(f"{name} must not be negative")
    # Shuffle the labels alone: each row is drawn for its label afterwards, so the two cannot fall apart.
    y = rng.permutation(np.repeat(np.arange(len(centres)), rows))  # (rows,)
    x = rng.normal(centres[y], spread[y][:, None])  # (rows, features)
    return x, y


# scipy.stats has these distributions as objects (`binom(10, 0.5).stats("mvsk")`) with densities and quantiles besides.
# `sklearn.datasets.make_blobs` and `make_classification` draw such sets; the latter adds useless features too.
