"""Every step along one axis is a matrix, applied from the left and from the right."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def _both(rows: NDArray[Any], image: NDArray[Any], columns: NDArray[Any]) -> NDArray[np.float64]:
    return np.einsum("ij,jk...,lk->il...", rows, image.astype(float), columns, optimize=True)


def _blurring(n: int) -> NDArray[np.float64]:
    matrix = np.zeros((n, n))
    for i in range(n):
        for offset, weight in zip(range(-2, 3), (1, 4, 6, 4, 1), strict=True):
            matrix[i, min(max(i + offset, 0), n - 1)] += weight / 16
    return matrix


def _growing(n: int) -> NDArray[np.float64]:
    half = (n + 1) // 2
    matrix = np.zeros((n, half))
    for i in range(n):
        matrix[i, i // 2] += 0.5
        matrix[i, min((i + 1) // 2, half - 1)] += 0.5
    return matrix


def blur(image: NDArray[Any]) -> NDArray[np.float64]:
    """Weighted mean of five pixels in both directions."""
    h, w = image.shape[:2]
    return _both(_blurring(h), image, _blurring(w))


def down(image: NDArray[Any]) -> NDArray[np.float64]:
    """Half the size."""
    h, w = image.shape[:2]
    return _both(_blurring(h)[::2], image, _blurring(w)[::2])


def up(image: NDArray[Any], height: int, width: int) -> NDArray[np.float64]:
    """Twice the size."""
    rows, columns = _growing(height), _growing(width)
    if (rows.shape[1], columns.shape[1]) != image.shape[:2]:
        raise ValueError("not half of that size")
    return _both(rows, image, columns)


def gaussian_pyramid(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    """The image, smaller and smaller."""
    if levels < 1:
        raise ValueError("a pyramid has a level")
    first = np.array(image, dtype=float)
    return [first] if levels == 1 else [first, *gaussian_pyramid(down(first), levels - 1)]


def laplacian_pyramid(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    """What each halving loses."""
    found = gaussian_pyramid(image, levels)
    for i in range(levels - 1):
        found[i] = found[i] - up(found[i + 1], found[i].shape[0], found[i].shape[1])
    return found


def rebuild(pyramid: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The image again."""
    first, *rest = pyramid
    return first + up(rebuild(rest), first.shape[0], first.shape[1]) if rest else np.array(first, dtype=float)
