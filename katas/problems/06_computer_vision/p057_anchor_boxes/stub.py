"""The boxes from which a detector starts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def anchor_boxes(
    height: int,
    width: int,
    stride: float,
    scales: Sequence[float] | NDArray[Any],
    ratios: Sequence[float] | NDArray[Any],
    clip: bool = False,
) -> NDArray[np.float64]:
    """Boxes of every scale and ratio in the middle of every cell.

    height, width: cells of the feature map. stride: pixels from one cell to the next.
    scales: roots of the areas, in pixels. ratios: height divided by width. clip: whether to cut at the image's border.
    Returns (n, 4): x1, y1, x2, y2, by row, column, scale and ratio, the last one fastest.
    Raises ValueError when stride, a scale or a ratio is not above 0.
    """
    raise NotImplementedError
