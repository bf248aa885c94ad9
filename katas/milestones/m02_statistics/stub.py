"""Chance in the long run, spread by hand, and two shapes told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[Any]

# One letter each.
ANSWERS = {
    # Which share of a NORMAL distribution lies within one standard deviation of the mean?
    #   a  about 0.50      b  about 0.58      c  about 0.68      d  about 0.95
    "normal_within_one": "",
    # And of a UNIFORM distribution?
    #   a  about 0.50      b  about 0.58      c  about 0.68      d  about 0.95
    "uniform_within_one": "",
    # Where can a value lie more than two standard deviations from the mean?
    #   a  in the normal only      b  in the uniform only      c  in both      d  in neither
    "beyond_two": "",
    # Which of these looks most like a uniform distribution?
    #   a  the heights of women      b  the sum of twelve dice      c  the mean of a hundred coin tosses
    #   d  the last digit of a stopwatch that shows hundredths
    "which_is_uniform": "",
    # Two samples agree in mean and deviation. What follows?
    #   a  they come from the same distribution          b  both are normal
    #   c  nothing about their shapes: draw them         d  their histograms are the same
    "same_two_numbers": "",
}


def roll(n: int, rng: np.random.Generator, sides: int = 6) -> NDArray[np.int64]:
    """Return n rolls of a fair die: (n,) integers from 1 to sides."""
    raise NotImplementedError


def toss(n: int, rng: np.random.Generator, p: float = 0.5) -> NDArray[np.bool_]:
    """Return n tosses of a coin: (n,) bool, True with probability p."""
    raise NotImplementedError


def running_share(outcomes: NDArray[Any], value: Any) -> Array:
    """Return the share of a value among the first 1, 2, … n outcomes: (n,)."""
    raise NotImplementedError


def draw_convergence(outcomes: NDArray[Any], value: Any, p: float) -> Figure:
    """Draw the running share of a value, and its probability p as a horizontal line."""
    raise NotImplementedError


def mean(xs: Numbers) -> float:
    """Return the mean."""
    raise NotImplementedError


def variance(xs: Numbers, ddof: int = 0) -> float:
    """Return the sum of squared distances from the mean over n - ddof. Raises ValueError when that is not positive."""
    raise NotImplementedError


def deviation(xs: Numbers, ddof: int = 0) -> float:
    """Return the standard deviation, the root of the variance."""
    raise NotImplementedError


def draw_samples(n: int, mu: float, sigma: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return a normal and a uniform sample, (n,) each, both of mean mu and standard deviation sigma."""
    raise NotImplementedError


def within(xs: Numbers, k: float) -> float:
    """Return the share of xs that lie at most k deviations from their mean."""
    raise NotImplementedError


def draw_shapes(normal: Array, uniform: Array, bins: int = 40) -> Figure:
    """Draw two samples as histograms of density, labelled normal and uniform, over the same bins."""
    raise NotImplementedError
