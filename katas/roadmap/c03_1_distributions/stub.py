"""Three distributions, drawn and held against theory, and a data set made by chance."""

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
    raise NotImplementedError


def simulate(kind: str, size: int, rng: np.random.Generator, **parameters: Any) -> NDArray[Any]:
    """Draw `size` independent values: (size,), floats for the normal, integers for binomial and Poisson.

    Raises ValueError that names kind, or the parameter that is out of range.
    """
    raise NotImplementedError


def compare(samples: NDArray[Any], expected: Moments) -> Agreement:
    """Hold the samples against theory, in standard errors.

    samples: (m,), left unchanged; the variance is taken with m - 1.
    Raises ValueError naming samples when m < 2, and naming expected when its variance is 0.
    """
    raise NotImplementedError


def make_classes(
    counts: Sequence[int], means: NDArray[Any], stds: Sequence[float], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw a shuffled classification set: x (rows, features) and the labels y (rows,).

    counts: rows of each class; means: (classes, features); stds: one deviation for each class.
    Raises ValueError that names counts, means or stds when they do not fit together, or are negative.
    """
    raise NotImplementedError
