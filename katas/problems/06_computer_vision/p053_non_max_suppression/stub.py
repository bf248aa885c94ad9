"""One box for each object."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def nms(
    boxes: NDArray[Any],
    scores: NDArray[np.floating[Any]],
    threshold: float = 0.5,
    classes: NDArray[np.integer[Any]] | None = None,
) -> NDArray[np.intp]:
    """Indices of the boxes that stay, highest score first.

    boxes: (n, 4): x1, y1, x2, y2. scores: (n,). classes: (n,), boxes of different classes do not compete.
    threshold: a box that overlaps a better one by more than this share (intersection over union) is dropped.
    """
    raise NotImplementedError


def soft_nms(
    boxes: NDArray[Any], scores: NDArray[np.floating[Any]], sigma: float = 0.5, least: float = 0.001
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Indices and new scores of the boxes, in the order in which they are taken.

    boxes: (n, 4): x1, y1, x2, y2. scores: (n,), multiplied by exp(-overlap² / sigma) for each box taken before.
    least: boxes whose score falls below are left out.
    """
    raise NotImplementedError
