"""Look through an image with a window, at several sizes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sliding(image: NDArray[Any], size: int, step: int) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """All windows of size × size, row by row, the last ones flush with the border.

    image: (h, w) or (h, w, c); left unchanged. Yields (y, x, window), the window a view of image.
    Raises ValueError when size or step is below 1.
    """
    raise NotImplementedError


def shrink(image: NDArray[Any], factor: int) -> NDArray[np.float64]:
    """Means of blocks of factor × factor pixels.

    image: (h, w) or (h, w, c). Returns (h // factor, w // factor) or (h // factor, w // factor, c).
    Raises ValueError when factor is below 1.
    """
    raise NotImplementedError


def detect(
    image: NDArray[Any],
    size: int,
    step: int,
    factors: Sequence[int],
    score: Callable[[NDArray[np.float64]], float],
    threshold: float,
) -> Iterator[tuple[int, int, int, int, float]]:
    """Boxes of the windows with a score of at least `threshold`, in the image shrunk by each factor.

    Yields (x1, y1, x2, y2, score), the box in pixels of image.
    Raises ValueError when size, step or a factor is below 1.
    """
    raise NotImplementedError
