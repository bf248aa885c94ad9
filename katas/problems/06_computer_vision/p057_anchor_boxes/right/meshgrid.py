"""All four axes laid out by meshgrid, and flat arithmetic."""

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
    """Boxes of every scale and ratio in the middle of every cell."""
    s, r = np.asarray(scales, dtype=float), np.asarray(ratios, dtype=float)
    if stride <= 0 or not (s > 0).all() or not (r > 0).all():
        raise ValueError("only positive numbers")
    rows, columns = stride * (np.arange(height) + 0.5), stride * (np.arange(width) + 0.5)
    cy, cx, size, ratio = _flat(rows, columns, s, r)
    w = np.sqrt(size**2 / ratio)
    h = w * ratio
    boxes = np.column_stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])
    if clip:
        boxes[:, [0, 2]] = np.clip(boxes[:, [0, 2]], 0, width * stride)
        boxes[:, [1, 3]] = np.clip(boxes[:, [1, 3]], 0, height * stride)
    return boxes


def _flat(*axes: NDArray[Any]) -> NDArray[np.float64]:
    return np.stack(np.meshgrid(*axes, indexing="ij")).reshape(len(axes), -1)
