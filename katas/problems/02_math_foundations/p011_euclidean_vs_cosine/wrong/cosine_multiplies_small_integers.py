"""cosine multiplies the rows in the type they come in. In uint8 the products wrap around at 256."""

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

CHOICES = {
    "texts": ("cosine", "size_is_noise"),
    "shelves": ("euclidean", "size_is_signal"),
    "motors": ("euclidean", "size_is_signal"),
    "listeners": ("cosine", "size_is_noise"),
    "embeddings": ("either", "same_order"),
    "ball_tree": ("euclidean", "triangle_inequality"),
    "customers": ("neither", "scale_first"),
}


def euclidean(x: NDArray[Any], y: NDArray[Any]) -> FloatArray:
    """Lengths of the differences between all rows of `x` and all rows of `y`."""
    x, y = _checked(x, y)
    x, y = x.astype(np.float64), y.astype(np.float64)
    result = np.empty((len(x), len(y)))
    for i, row in enumerate(x):
        difference = np.abs(y - row)
        largest = difference.max(axis=1, initial=0.0)
        difference /= np.where(largest > 0, largest, 1.0)[:, np.newaxis]
        result[i] = np.sqrt((difference**2).sum(axis=1)) * largest
    return result


def cosine(x: NDArray[Any], y: NDArray[Any]) -> FloatArray:
    """Cosine distances, 1 - cos of the angle, between all rows of `x` and all rows of `y`."""
    x, y = _checked(x, y)
    lengths = np.outer(*(np.sqrt((a.astype(np.float64) ** 2).sum(axis=1)) for a in (x, y)))
    if x.dtype.kind == "f" or y.dtype.kind == "f":
        return 1.0 - np.clip(_directions(x) @ _directions(y).T, -1.0, 1.0)
    return 1.0 - np.clip((x @ y.T) / np.where(lengths > 0, lengths, 1.0), -1.0, 1.0)


def choose_metric(scenario: str) -> tuple[str, str]:
    """The metric that fits a scenario, and the reason that decides."""
    if scenario not in CHOICES:
        raise ValueError(f"there is no scenario {scenario!r}")
    return CHOICES[scenario]


def _directions(x: NDArray[Any]) -> FloatArray:
    """The rows of x, scaled to length 1; rows of zeros stay."""
    x = x.astype(np.float64)
    largest = np.abs(x).max(axis=1, keepdims=True, initial=0.0)
    x /= np.where(largest > 0, largest, 1.0)
    length = np.sqrt((x**2).sum(axis=1, keepdims=True))
    return x / np.where(length > 0, length, 1.0)


def _checked(x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = np.asarray(x), np.asarray(y)
    for name, array in (("x", x), ("y", y)):
        if array.ndim != 2:
            raise ValueError(f"{name} must have two dimensions, not {array.ndim}")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"x has {x.shape[1]} columns, y has {y.shape[1]}")
    return x, y
