"""All windows as one strided view, and the blocks by adding shifted images."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _starts(length: int, size: int, step: int) -> list[int]:
    if length < size:
        return []
    n = -(-(length - size) // step) + 1  # rounded up
    return [min(i * step, length - size) for i in range(n)]


def sliding(image: NDArray[Any], size: int, step: int) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """All windows of size × size."""
    if min(size, step) < 1:
        raise ValueError("size and step count pixels")
    h, w = image.shape[:2]
    rows, columns = _starts(h, size, step), _starts(w, size, step)
    if not rows or not columns:
        return
    views = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))
    for y in rows:
        for x in columns:
            window = views[y, x]
            yield y, x, window if image.ndim == 2 else window.transpose(1, 2, 0)


def shrink(image: NDArray[Any], factor: int) -> NDArray[np.float64]:
    """Means of blocks."""
    if factor < 1:
        raise ValueError("factor counts pixels")
    h, w = (n - n % factor for n in image.shape[:2])
    total = sum(image[i:h:factor, j:w:factor].astype(float) for i in range(factor) for j in range(factor))
    return np.asarray(total) / factor**2


def detect(
    image: NDArray[Any],
    size: int,
    step: int,
    factors: Sequence[int],
    score: Callable[[NDArray[np.float64]], float],
    threshold: float,
) -> Iterator[tuple[int, int, int, int, float]]:
    """Boxes of the windows with a high score."""
    if min(size, step, *factors) < 1:
        raise ValueError("all of them count pixels")
    for f in factors:
        small = shrink(image, f)
        scored = ((x, y, score(window)) for y, x, window in sliding(small, size, step))
        yield from ((f * x, f * y, f * x + f * size, f * y + f * size, s) for x, y, s in scored if s >= threshold)
