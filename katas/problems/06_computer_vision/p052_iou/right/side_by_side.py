"""One coordinate after the other, and the division only where there is an intersection."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def iou(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Intersection over union of every box of a with every box of b."""
    for_a = _columns(a)
    for_b = _columns(b)
    ax1, ay1, ax2, ay2 = for_a[:, :, None]
    bx1, by1, bx2, by2 = for_b[:, None, :]
    width = (np.minimum(ax2, bx2) - np.maximum(ax1, bx1)).clip(min=0)
    height = (np.minimum(ay2, by2) - np.maximum(ay1, by1)).clip(min=0)
    common = width * height
    both = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - common
    return np.divide(common, both, out=np.zeros(common.shape), where=common > 0)


def _columns(boxes: NDArray[Any]) -> NDArray[np.float64]:
    if len(boxes.shape) != 2 or boxes.shape[-1] != 4:
        raise ValueError("boxes must be rows of four numbers")
    columns = np.array(boxes.T, dtype=float)
    if (columns[2] < columns[0]).any() or (columns[3] < columns[1]).any():
        raise ValueError("a box ends before it begins")
    return columns
