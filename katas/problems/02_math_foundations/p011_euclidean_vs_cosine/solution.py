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


# The question that decides is what a vector and its double stand for; the last three rows are its exceptions.
CHOICES = {
    "texts": ("cosine", "size_is_noise"),  # a book is no other subject than a tweet, only longer
    "shelves": ("euclidean", "size_is_signal"),  # (2, 2) and (4, 4) are two places, though in one direction
    "motors": ("euclidean", "size_is_signal"),  # twice the current in every coil keeps the angle, and is the fault
    "listeners": ("cosine", "size_is_noise"),
    "embeddings": ("either", "same_order"),  # at length 1: |x - y|² = 2 - 2 cos
    "ball_tree": ("euclidean", "triangle_inequality"),  # from 0° to 90° costs 1 at once, but 2 * 0.29 by way of 45°
    "customers": ("neither", "scale_first"),  # incomes in the ten thousands drown any height
}


def euclidean(x: NDArray[Any], y: NDArray[Any]) -> FloatArray:
    """Lengths of the differences between all rows of `x` and all rows of `y`.

    x: (n, d), y: (m, d), finite; left unchanged.
    Returns (n, m) floats, never negative, without an intermediate of n * m * d values.
    Raises ValueError when x or y is not two-dimensional, or when they differ in columns.
    """
    x, y = _checked(x, y)
    # |x - y|² = |x|² - 2 x·y + |y|²: a matrix product does the work, and nothing larger than the result appears.
    squares = (x * x).sum(axis=1)[:, None] - 2 * (x @ y.T) + (y * y).sum(axis=1)  # (n, m)
    # Between equal rows rounding leaves something like -1e-15, whose root is NaN.
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def cosine(x: NDArray[Any], y: NDArray[Any]) -> FloatArray:
    """Cosine distances, 1 - cos of the angle, between all rows of `x` and all rows of `y`.

    x: (n, d), y: (m, d), finite; left unchanged.
    Returns (n, m) floats from 0 to 2; a row of zeros is at distance 1 from every row.
    Raises ValueError when x or y is not two-dimensional, or when they differ in columns.
    """
    x, y = _checked(x, y)
    # A row of zeros stays zeros, its products are 0, and so its distances 1, without a case of their own.
    similarity = _unit_rows(x) @ _unit_rows(y).T  # (n, m)
    # Rounding may carry a cosine to 1.0000000000000002, and the distance below 0.
    return np.asarray(1.0 - np.clip(similarity, -1.0, 1.0))


def choose_metric(scenario: str) -> tuple[str, str]:
    """The metric that fits a scenario, and the reason that decides.

    scenario: a key of SCENARIOS.
    Returns (one of METRICS, a key of REASONS).
    """
    return CHOICES[scenario]


def _checked(x: NDArray[Any], y: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Both tables as float64, in which no difference of small integers wraps around."""
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(f"x and y must be two-dimensional with equal columns, got {x.shape} and {y.shape}")
    return x.astype(np.float64), y.astype(np.float64)


def _unit_rows(table: FloatArray) -> FloatArray:
    """Each row scaled to length 1; a row of zeros stays as it is."""
    lengths = np.sqrt((table * table).sum(axis=1))[:, None]  # (rows, 1)
    # Dividing by 1 where the length is 0; a small constant added to every length would bend short rows.
    return np.asarray(table / np.where(lengths == 0, 1.0, lengths))


# scikit-learn's pairwise_distances expands the square too, and lifts float32 to float64 in chunks, because for close
# points far from the origin the large squares cancel. SciPy's cdist subtracts first: slower, and exact. Vector
# databases store unit rows, so that one product serves both metrics.
