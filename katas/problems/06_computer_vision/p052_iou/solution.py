"""How well boxes cover each other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def iou(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Intersection over union of every box of a with every box of b.

    a: (n, 4), b: (m, 4): x1, y1, x2, y2 in each row, x1 <= x2 and y1 <= y2; left unchanged.
    Returns (n, m): from 0 (nothing in common, or a box without area) to 1 (the same box).
    Raises ValueError when a or b has another shape, or a box has x2 < x1 or y2 < y1.
    """
    a, b = _checked(a, "a"), _checked(b, "b")
    # The intersection begins at the larger of the two beginnings and ends at the smaller of the two ends.
    begin = np.maximum(a[:, None, :2], b[:, :2])  # (n, 1, 2) and (m, 2) -> (n, m, 2)
    end = np.minimum(a[:, None, 2:], b[:, 2:])  # (n, m, 2)
    # Boxes apart have negative sides, and two of them would multiply to a positive area.
    sides = np.maximum(end - begin, 0.0)
    intersection = sides[:, :, 0] * sides[:, :, 1]  # (n, m)
    union = _areas(a)[:, None] + _areas(b) - intersection
    # The union is 0 only for two boxes without area; 0 / 1 is then the right answer.
    return np.asarray(intersection / np.where(union == 0.0, 1.0, union))


def _checked(boxes: NDArray[Any], name: str) -> NDArray[np.float64]:
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{name} must have the shape (n, 4), not {boxes.shape}")
    if np.any(boxes[:, 2:] < boxes[:, :2]):
        raise ValueError(f"{name} has a box with x2 < x1 or y2 < y1")
    return boxes.astype(np.float64)


def _areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


# torchvision.ops.box_iou is these lines in tensors. For training there are variants that say how far apart two boxes
# are that do not overlap: generalized, distance and complete IoU.
