"""Chance in the long run, spread by hand, and two shapes told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[Any]

ANSWERS = {
    "normal_within_one": "c",
    "uniform_within_one": "b",  # 2 sigma of a width of √12 sigma: 1/√3
    "beyond_two": "a",  # the uniform ends at √3 = 1.73 deviations
    "which_is_uniform": "d",  # the others are sums of many small causes, which is what makes a bell
    "same_two_numbers": "c",
}


def roll(n: int, rng: np.random.Generator, sides: int = 6) -> NDArray[np.int64]:
    """Return n rolls of a fair die: (n,) integers from 1 to sides."""
    # `integers` leaves the upper bound out, as ranges do in Python.
    return rng.integers(1, sides + 1, n)


def toss(n: int, rng: np.random.Generator, p: float = 0.5) -> NDArray[np.bool_]:
    """Return n tosses of a coin: (n,) bool, True with probability p."""
    # random() lies in [0, 1): below p with probability p, never for p = 0, always for p = 1.
    return rng.random(n) < p


def running_share(outcomes: NDArray[Any], value: Any) -> Array:
    """Return the share of a value among the first 1, 2, … n outcomes: (n,)."""
    hits = np.cumsum(outcomes == value)  # (n,)
    return np.asarray(hits / np.arange(1, len(outcomes) + 1), dtype=np.float64)


def draw_convergence(outcomes: NDArray[Any], value: Any, p: float) -> Figure:
    """Draw the running share of a value, and its probability p as a horizontal line."""
    settled = running_share(outcomes, value)
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    axes.plot(np.arange(1, len(settled) + 1), settled, label="share")
    axes.axhline(p, color="black", linestyle="--", label="probability")
    # The error shrinks with √n: a logarithmic axis gives the first hundred trials as much room as the last thousands.
    axes.set(xscale="log", xlabel="trials", ylabel="share")
    axes.legend()
    return figure


def mean(xs: Numbers) -> float:
    """Return the mean."""
    total = 0.0
    for x in xs:
        # float() first: a sum of uint8 wraps around at 256.
        total += float(x)
    return total / len(xs)


def variance(xs: Numbers, ddof: int = 0) -> float:
    """Return the sum of squared distances from the mean over n - ddof. Raises ValueError when that is not positive."""
    if len(xs) <= ddof:
        raise ValueError(f"ddof = {ddof} leaves nothing of {len(xs)} numbers to divide by")
    # Two passes. The textbook's "mean of squares less square of the mean" subtracts two numbers near 1e18 when the data
    # lie near 1e9, and a double keeps 16 digits: nothing would be left of a variance of 1.
    centre = mean(xs)
    total = 0.0
    for x in xs:
        total += (float(x) - centre) ** 2
    return total / (len(xs) - ddof)


def deviation(xs: Numbers, ddof: int = 0) -> float:
    """Return the standard deviation, the root of the variance."""
    return math.sqrt(variance(xs, ddof))


def draw_samples(n: int, mu: float, sigma: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return a normal and a uniform sample, (n,) each, both of mean mu and standard deviation sigma."""
    # w² / 12 = sigma², so the uniform one reaches w / 2 = √3 sigma to each side.
    reach = math.sqrt(3) * sigma
    return rng.normal(mu, sigma, n), rng.uniform(mu - reach, mu + reach, n)


def within(xs: Numbers, k: float) -> float:
    """Return the share of xs that lie at most k deviations from their mean."""
    distances = np.abs(np.asarray(xs) - mean(xs))
    return float(np.count_nonzero(distances <= k * deviation(xs)) / len(xs))


def draw_shapes(normal: Array, uniform: Array, bins: int = 40) -> Figure:
    """Draw two samples as histograms of density, labelled normal and uniform, over the same bins."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    # One set of bins for both, or the bars could not be compared.
    edges = np.linspace(min(normal.min(), uniform.min()), max(normal.max(), uniform.max()), bins + 1).tolist()
    axes.hist(normal, edges, density=True, alpha=0.5, label="normal")
    axes.hist(uniform, edges, density=True, alpha=0.5, label="uniform")
    axes.legend()
    return figure


# np.var takes two passes too. Where data come only once (a stream, the running statistics of a normalisation layer),
# Welford's update keeps mean and squared distances together, as stable as two passes. To tell shapes apart by a number,
# scipy.stats has kurtosis, kstest and normaltest.
