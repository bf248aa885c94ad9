"""Chance in the long run, spread by hand, and two shapes told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]

ANSWERS = {
    "ten_heads": "b",  # ten heads among a million tosses weigh nothing; nobody pays them back
    "smaller_error": "c",  # a quarter of the error costs 4² times the rolls
    "normal_within_one": "c",
    "uniform_within_one": "b",  # 2 std of a width of √12 std: 1/√3
    "beyond_two": "a",  # the uniform ends at √3 = 1.73 standard deviations
    "which_is_uniform": "d",  # the others are sums of many small causes, which is what makes a bell
    "same_two_numbers": "c",
}


def roll(n: int, rng: np.random.Generator, sides: int = 6) -> NDArray[np.int64]:
    """Roll a fair die n times: (n,) integers from 1 to sides."""
    if sides < 1:
        raise ValueError(f"sides must be at least 1, got {sides}")
    # `integers` leaves the upper bound out, as ranges do in Python.
    return rng.integers(1, sides + 1, n)


def toss(n: int, rng: np.random.Generator, p: float = 0.5) -> NDArray[np.bool_]:
    """Toss a coin n times: (n,) bool, True (heads) with probability p."""
    if not 0 <= p <= 1:
        raise ValueError(f"p must lie between 0 and 1, got {p}")
    # random() lies in [0, 1): below p with probability p, never for p = 0, always for p = 1.
    return rng.random(n) < p


def shares(outcomes: NDArray[Any], values: Sequence[Any]) -> Array:
    """Give the share of each value among the outcomes, (n,)."""
    _check(outcomes)
    counts = [np.count_nonzero(np.asarray(outcomes) == value) for value in values]
    return np.array(counts, dtype=np.float64) / len(outcomes)


def running_share(outcomes: NDArray[Any], value: Any) -> Array:
    """Give the share of a value among the first 1, 2, … n outcomes: (n,)."""
    _check(outcomes)
    hits = np.cumsum(np.asarray(outcomes) == value)  # (n,)
    return np.asarray(hits / np.arange(1, len(outcomes) + 1), dtype=np.float64)


def _check(outcomes: NDArray[Any]) -> None:
    if len(outcomes) == 0:
        raise ValueError("outcomes is empty: a share of nothing is not defined")


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


def mean(xs: Sequence[float] | NDArray[Any]) -> float:
    """Give the mean."""
    if len(xs) == 0:
        raise ValueError("xs is empty: it has no mean")
    total = 0.0
    for x in xs:
        # float() first: a sum of uint8 wraps around at 256.
        total += float(x)
    return total / len(xs)


def variance(xs: Sequence[float] | NDArray[Any], ddof: int = 0) -> float:
    """Give the sum of squared distances from the mean over n - ddof."""
    centre = mean(xs)
    if not 0 <= ddof < len(xs):
        raise ValueError(f"ddof must be between 0 and n - 1 = {len(xs) - 1}, got {ddof}")
    # Two passes. The textbook's "mean of squares less square of the mean" subtracts two numbers near 1e18 when the data
    # lie near 1e9, and a double keeps 16 digits: nothing would be left of a variance of 1.
    total = 0.0
    for x in xs:
        total += (float(x) - centre) ** 2
    return total / (len(xs) - ddof)


def deviation(xs: Sequence[float] | NDArray[Any], ddof: int = 0) -> float:
    """Give the standard deviation, the root of the variance."""
    return math.sqrt(variance(xs, ddof))


def draw_samples(n: int, mean: float, std: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a normal and a uniform sample, (n,) each, both of this mean and standard deviation."""
    if not std > 0:
        raise ValueError(f"std must be positive, got {std}")
    # w² / 12 = std², so the uniform one reaches w / 2 = √3 std to each side.
    reach = math.sqrt(3) * std
    return rng.normal(mean, std, n), rng.uniform(mean - reach, mean + reach, n)


def draw_shapes(normal: Array, uniform: Array, mean: float, std: float, bins: int = 40) -> Figure:
    """Draw the histograms of two samples, and the two densities of this mean and standard deviation."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    low, high = min(normal.min(), uniform.min()), max(normal.max(), uniform.max())
    for sample, name, color in ((normal, "normal", "tab:blue"), (uniform, "uniform", "tab:orange")):
        # One set of bins for both, or the bars could not be compared.
        axes.hist(sample, bins=bins, range=(low, high), density=True, alpha=0.4, color=color, label=f"{name} sample")
    x = np.linspace(min(low, mean - 4 * std), max(high, mean + 4 * std), 1000)
    bell = np.exp(-(((x - mean) / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))
    reach = math.sqrt(3) * std
    box = np.where(np.abs(x - mean) <= reach, 1 / (2 * reach), 0.0)
    axes.plot(x, bell, color="tab:blue", label="normal density")
    axes.plot(x, box, color="tab:orange", label="uniform density")
    axes.set(xlabel="value", ylabel="density")
    axes.legend()
    return figure


# np.var takes two passes too. Where data come only once (a stream, the running statistics of a normalisation layer),
# Welford's update keeps mean and squared distances together, as stable as two passes. To tell shapes apart by a number,
# scipy.stats has kurtosis, kstest and normaltest.
