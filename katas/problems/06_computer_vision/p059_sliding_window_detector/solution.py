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
    if size < 1 or step < 1:
        raise ValueError("size and step must be at least 1")
    for y in _places(image.shape[0] - size, step):
        for x in _places(image.shape[1] - size, step):
            yield y, x, image[y : y + size, x : x + size]  # a slice is a view


def shrink(image: NDArray[Any], factor: int) -> NDArray[np.float64]:
    """Means of blocks of factor × factor pixels.

    image: (h, w) or (h, w, c). Returns (h // factor, w // factor) or (h // factor, w // factor, c).
    Raises ValueError when factor is below 1.
    """
    if factor < 1:
        raise ValueError("factor must be at least 1")
    h, w = image.shape[0] // factor, image.shape[1] // factor
    whole = image[: h * factor, : w * factor]
    # Each axis is split in two: which block, and where inside. The mean is over the two insides.
    blocks = whole.reshape(h, factor, w, factor, *image.shape[2:])  # (h, f, w, f) or (h, f, w, f, c)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float64))


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
    if size < 1 or step < 1 or any(factor < 1 for factor in factors):
        raise ValueError("size, step and all factors must be at least 1")
    for factor in factors:
        for y, x, window in sliding(shrink(image, factor), size, step):
            found = float(score(window))
            if found >= threshold:
                yield x * factor, y * factor, (x + size) * factor, (y + size) * factor, found


def _places(last: int, step: int) -> list[int]:
    """Where windows begin on one axis, from 0 to `last`, which is always one of them; none when last is below 0."""
    places = list(range(0, last + 1, step))
    return [*places, last] if places and places[-1] < last else places


# Networks do the same at once: a convolution is a window that slides, and a feature pyramid the image at several sizes.
