"""Mean and deviation are taken for the whole distribution; they say nothing about its shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
ANSWERS = {
    "ten_heads": "b",
    "smaller_error": "c",
    "normal_within_one": "c",
    "uniform_within_one": "b",
    "beyond_two": "a",
    "which_is_uniform": "d",
    "same_two_numbers": "a",
}


def roll(n: int, rng: np.random.Generator, sides: int = 6) -> NDArray[np.int64]:
    if sides < 1:
        raise ValueError(f"sides must be at least 1, got {sides}")
    return rng.integers(1, sides + 1, n)


def toss(n: int, rng: np.random.Generator, p: float = 0.5) -> NDArray[np.bool_]:
    if not 0 <= p <= 1:
        raise ValueError(f"p must lie between 0 and 1, got {p}")
    return rng.random(n) < p


def shares(outcomes: NDArray[Any], values: Sequence[Any]) -> Array:
    _check(outcomes)
    counts = [np.count_nonzero(np.asarray(outcomes) == value) for value in values]
    return np.array(counts, dtype=np.float64) / len(outcomes)


def running_share(outcomes: NDArray[Any], value: Any) -> Array:
    _check(outcomes)
    hits = np.cumsum(np.asarray(outcomes) == value)
    return np.asarray(hits / np.arange(1, len(outcomes) + 1), dtype=np.float64)


def _check(outcomes: NDArray[Any]) -> None:
    if len(outcomes) == 0:
        raise ValueError("outcomes is empty: a share of nothing is not defined")


def draw_convergence(outcomes: NDArray[Any], value: Any, p: float) -> Figure:
    settled = running_share(outcomes, value)
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    axes.plot(np.arange(1, len(settled) + 1), settled, label="share")
    axes.axhline(p, color="black", linestyle="--", label="probability")
    axes.set(xscale="log", xlabel="trials", ylabel="share")
    axes.legend()
    return figure


def mean(xs: Sequence[float] | NDArray[Any]) -> float:
    if len(xs) == 0:
        raise ValueError("xs is empty: it has no mean")
    total = 0.0
    for x in xs:
        total += float(x)
    return total / len(xs)


def variance(xs: Sequence[float] | NDArray[Any], ddof: int = 0) -> float:
    centre = mean(xs)
    if not 0 <= ddof < len(xs):
        raise ValueError(f"ddof must be between 0 and n - 1 = {len(xs) - 1}, got {ddof}")
    total = 0.0
    for x in xs:
        total += (float(x) - centre) ** 2
    return total / (len(xs) - ddof)


def deviation(xs: Sequence[float] | NDArray[Any], ddof: int = 0) -> float:
    return math.sqrt(variance(xs, ddof))


def draw_samples(n: int, mean: float, std: float, rng: np.random.Generator) -> tuple[Array, Array]:
    if not std > 0:
        raise ValueError(f"std must be positive, got {std}")
    reach = math.sqrt(3) * std
    return (rng.normal(mean, std, n), rng.uniform(mean - reach, mean + reach, n))


def draw_shapes(normal: Array, uniform: Array, mean: float, std: float, bins: int = 40) -> Figure:
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    low, high = (min(normal.min(), uniform.min()), max(normal.max(), uniform.max()))
    for sample, name, color in ((normal, "normal", "tab:blue"), (uniform, "uniform", "tab:orange")):
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
