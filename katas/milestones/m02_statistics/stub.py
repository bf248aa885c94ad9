"""Chance in the long run, spread by hand, and two shapes told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]

# One letter each.
ANSWERS = {
    # A fair coin showed heads ten times in a row. Why does the share of heads still go to one half?
    #   a  tails are due now, and make up for it        b  the next tosses are fair, and outweigh the ten in the end
    #   c  the coin remembers, but only on average       d  it does not; the share stays above one half for ever
    "ten_heads": "",
    # After 1,000 rolls the share of sixes is typically off by 0.012. How many rolls make that 0.003?
    #   a  2,000      b  4,000      c  16,000      d  1,000,000
    "smaller_error": "",
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
    #   c  nothing about their shapes: draw them          d  their histograms are the same
    "same_two_numbers": "",
}


def roll(n: int, rng: np.random.Generator, sides: int = 6) -> NDArray[np.int64]:
    """Roll a fair die n times: (n,) integers from 1 to sides. Raises ValueError naming sides when it is below 1."""
    raise NotImplementedError


def toss(n: int, rng: np.random.Generator, p: float = 0.5) -> NDArray[np.bool_]:
    """Toss a coin n times: (n,) bool, True (heads) with probability p. Raises ValueError naming p outside 0 … 1."""
    raise NotImplementedError


def shares(outcomes: NDArray[Any], values: Sequence[Any]) -> Array:
    """Give the share of each value among the outcomes, (n,). Raises ValueError naming outcomes when there are none."""
    raise NotImplementedError


def running_share(outcomes: NDArray[Any], value: Any) -> Array:
    """Give the share of a value among the first 1, 2, … n outcomes: (n,).

    Raises ValueError naming outcomes when there are none.
    """
    raise NotImplementedError


def draw_convergence(outcomes: NDArray[Any], value: Any, p: float) -> Figure:
    """Draw the running share of a value, and its probability p as a horizontal line.

    Raises ValueError naming outcomes when there are none.
    """
    raise NotImplementedError


def mean(xs: Sequence[float] | NDArray[Any]) -> float:
    """Give the mean. Raises ValueError naming xs when it is empty."""
    raise NotImplementedError


def variance(xs: Sequence[float] | NDArray[Any], ddof: int = 0) -> float:
    """Give the sum of squared distances from the mean over n - ddof.

    Raises ValueError naming xs when it is empty, and ddof when it is negative or not below n.
    """
    raise NotImplementedError


def deviation(xs: Sequence[float] | NDArray[Any], ddof: int = 0) -> float:
    """Give the standard deviation, the root of the variance. Raises what variance raises."""
    raise NotImplementedError


def draw_samples(n: int, mean: float, std: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a normal and a uniform sample, (n,) each, both of this mean and standard deviation.

    Raises ValueError naming std unless it is positive.
    """
    raise NotImplementedError


def draw_shapes(normal: Array, uniform: Array, mean: float, std: float, bins: int = 40) -> Figure:
    """Draw the histograms of two samples, and the two densities of this mean and standard deviation."""
    raise NotImplementedError
