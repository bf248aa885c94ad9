"""Three distributions, drawn and compared with theory, and a data set drawn at random."""

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
    """Mean, variance and fourth central moment of "normal" (mean, std), "binomial" (n, p) or "poisson" (rate).

    Raises ValueError for an unknown kind, a negative std, n or rate, a p outside 0 to 1, and NaN for any of them.
    """
    raise NotImplementedError


def simulate(kind: str, size: int, rng: np.random.Generator, **parameters: Any) -> NDArray[Any]:
    """Independent draws, shape (size,): floats for the normal, integers for binomial and Poisson.

    Raises ValueError as moments does.
    """
    raise NotImplementedError


def compare(samples: NDArray[Any], expected: Moments) -> Agreement:
    """Mean and variance (m - 1) of samples (m,) in float64, and their signed distances in standard errors of theory.

    Raises ValueError for fewer than two samples, and for an expected variance of 0.
    """
    raise NotImplementedError


def make_classes(
    counts: Sequence[int], means: NDArray[Any], stds: Sequence[float], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw a shuffled classification set: x (rows, features) and the labels y (rows,).

    counts: rows of each class; means: (classes, features); stds: one deviation for each class.
    Raises ValueError for counts or stds that are negative or not one number per row of means.
    """
    raise NotImplementedError
