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
    sizes = np.array(scales, dtype=np.float64)[:, None]  # (s, 1)
    # With w h = s² and h / w = r, the root of r goes into both sides: multiplying one side by r would change the area.
    roots = np.sqrt(np.array(ratios, dtype=np.float64).clip(min=0.0))  # (r,)
    if stride <= 0 or np.any(sizes <= 0.0) or np.any(roots == 0.0):
        raise ValueError("stride, scales and ratios must be above 0")
    half_width, half_height = sizes / roots / 2, sizes * roots / 2  # each (s, r)
    x = (np.arange(width) + 0.5)[:, None, None] * stride  # (w, 1, 1)
    y = (np.arange(height) + 0.5)[:, None, None, None] * stride  # (h, 1, 1, 1)
    corners = [x - half_width, y - half_height, x + half_width, y + half_height]
    boxes = np.stack(np.broadcast_arrays(*corners), axis=-1)  # (h, w, s, r, 4)
    if clip:
        boxes = boxes.clip(0.0, np.array([width, height, width, height]) * stride)
    return boxes.reshape(-1, 4)


# Detectors of today (FCOS, CenterNet) predict the distances from each cell to the four sides instead, without anchors.
