"""The bins span the normal sample only: values of the uniform sample outside of it fall out of the histogram."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

ANSWERS = {
    "ten_heads": "b",
    "smaller_error": "c",
    "normal_within_one": "c",
    "uniform_within_one": "b",
    "beyond_two": "a",
    "which_is_uniform": "d",
    "same_two_numbers": "c",
}


def roll(n, rng, sides=6):
    """Rolls."""
    if sides < 1:
        raise ValueError("sides must be at least 1")
    return rng.integers(1, sides + 1, size=n)


def toss(n, rng, p=0.5):
    """Tosses."""
    if not 0 <= p <= 1:
        raise ValueError("p must lie between 0 and 1")
    return rng.random(n) < p


def _outcomes(outcomes):
    outcomes = np.asarray(outcomes)
    if len(outcomes) == 0:
        raise ValueError("outcomes must not be empty")
    return outcomes


def shares(outcomes, values):
    """Shares."""
    outcomes = _outcomes(outcomes)
    return np.array([np.count_nonzero(outcomes == value) / len(outcomes) for value in values], dtype=np.float64)


def running_share(outcomes, value):
    """Running share."""
    outcomes = _outcomes(outcomes)
    return np.cumsum(outcomes == value) / np.arange(1, len(outcomes) + 1)


def draw_convergence(outcomes, value, p):
    """Share over trials."""
    share = running_share(outcomes, value)
    figure = Figure()
    axes = figure.subplots()
    axes.plot(np.arange(1, len(share) + 1), share, label="share")
    axes.axhline(p, color="black", linestyle="--", label="probability")
    axes.set_xscale("log")
    axes.set_xlabel("trials")
    axes.set_ylabel("share")
    axes.legend()
    return figure


def mean(xs):
    """Mean."""
    if len(xs) == 0:
        raise ValueError("xs must not be empty")
    total = 0.0
    for x in xs:
        total += float(x)
    return total / len(xs)


def variance(xs, ddof=0):
    """Variance."""
    middle = mean(xs)
    if ddof < 0:
        raise ValueError("ddof must not be negative")
    if len(xs) - ddof <= 0:
        raise ValueError("ddof must be below the number of xs")
    total = 0.0
    for x in xs:
        total += (float(x) - middle) ** 2
    return total / (len(xs) - ddof)


def deviation(xs, ddof=0):
    """Deviation."""
    return math.sqrt(variance(xs, ddof))


def draw_samples(n, mean, std, rng):
    """Two samples."""
    if not std > 0:
        raise ValueError("std must be positive")
    half = math.sqrt(3) * std
    return rng.normal(mean, std, n), rng.uniform(mean - half, mean + half, n)


def draw_shapes(normal, uniform, mean, std, bins=40):
    """Histograms and densities."""
    both = np.asarray(normal)
    edges = np.linspace(both.min(), both.max(), bins + 1)
    figure = Figure()
    axes = figure.subplots()
    axes.hist(normal, bins=edges, density=True, alpha=0.5, label="normal sample")
    axes.hist(uniform, bins=edges, density=True, alpha=0.5, label="uniform sample")
    x = np.linspace(mean - 4 * std, mean + 4 * std, 801)
    axes.plot(x, np.exp(-(((x - mean) / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi)), label="normal density")
    half = math.sqrt(3) * std
    axes.plot(x, np.where(np.abs(x - mean) <= half, 1 / (2 * half), 0.0), label="uniform density")
    axes.legend()
    return figure
