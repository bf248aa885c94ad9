"""Two distances for all pairs of rows, and the choice between them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

SCENARIOS = {
    "texts": "Word counts of texts, from a tweet to a book; texts on the same subject are to be found.",
    "shelves": "Positions of robots and shelves in a hall, x and y in metres; the nearest robot is to be sent.",
    "motors": "Currents in three coils of a motor, in ampere; all three rising alike is a fault to be found.",
    "listeners": "Plays of each musical genre, by rare and by heavy listeners; people of like taste are to be found.",
    "embeddings": "Image embeddings that were all scaled to length 1; only the order of the neighbours is used.",
    "ball_tree": "Points in one unit; a search tree skips whole groups, as no detour is shorter than the direct way.",
    "customers": "Height in metres beside yearly income in euro, as in the table; like customers are to be found.",
}
METRICS = ("euclidean", "cosine", "either", "neither")
REASONS = {
    "size_is_noise": "a vector and its double stand for the same thing",
    "size_is_signal": "a vector and its double stand for different things",
    "same_order": "both metrics put the neighbours into the same order",
    "triangle_inequality": "the use relies on d(a, c) <= d(a, b) + d(b, c), and only this metric keeps it",
    "scale_first": "the choice of units, not the data, would decide, so the columns must be put on one scale first",
    "many_columns": "there are many columns",
    "cheaper": "it costs less arithmetic",
}


def euclidean(x: NDArray[Any], y: NDArray[Any]) -> FloatArray:
    """Lengths of the differences between all rows of `x` and all rows of `y`.

    x: (n, d), y: (m, d), finite; left unchanged.
    Returns (n, m) floats, never negative, without an intermediate of n * m * d values.
    Raises ValueError when x or y is not two-dimensional, or when they differ in columns.
    """
    raise NotImplementedError


def cosine(x: NDArray[Any], y: NDArray[Any]) -> FloatArray:
    """Cosine distances, 1 - cos of the angle, between all rows of `x` and all rows of `y`.

    x: (n, d), y: (m, d), finite; left unchanged.
    Returns (n, m) floats from 0 to 2; a row of zeros is at distance 1 from every row.
    Raises ValueError when x or y is not two-dimensional, or when they differ in columns.
    """
    raise NotImplementedError


def choose_metric(scenario: str) -> tuple[str, str]:
    """The metric that fits a scenario, and the reason that decides.

    scenario: a key of SCENARIOS.
    Returns (one of METRICS, a key of REASONS).
    """
    raise NotImplementedError
