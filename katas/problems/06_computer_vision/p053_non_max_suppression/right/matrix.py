"""All overlaps in one matrix, and a flag for each box."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def _matrix(boxes: NDArray[Any]) -> NDArray[np.float64]:
    x1, y1, x2, y2 = np.asarray(boxes, dtype=float).reshape(-1, 4).T
    width = np.minimum.outer(x2, x2) - np.maximum.outer(x1, x1)
    height = np.minimum.outer(y2, y2) - np.maximum.outer(y1, y1)
    common = width.clip(0) * height.clip(0)
    area = (x2 - x1) * (y2 - y1)
    return common / (np.add.outer(area, area) - common)


def nms(
    boxes: NDArray[Any],
    scores: NDArray[np.floating[Any]],
    threshold: float = 0.5,
    classes: NDArray[np.integer[Any]] | None = None,
) -> NDArray[np.intp]:
    """Indices of the boxes that stay, highest score first."""
    rivals = _matrix(boxes) > threshold
    if classes is not None:
        rivals &= np.equal.outer(classes, classes)
    dropped = np.zeros(len(scores), dtype=bool)
    kept = []
    for i in sorted(range(len(scores)), key=lambda i: -scores[i]):
        if not dropped[i]:
            kept.append(i)
            dropped |= rivals[i]
    return np.array(kept, dtype=np.intp)


def soft_nms(
    boxes: NDArray[Any], scores: NDArray[np.floating[Any]], sigma: float = 0.5, least: float = 0.001
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Indices and new scores of the boxes, in the order in which they are taken."""
    overlaps = _matrix(boxes)
    now = np.array(scores, dtype=float)
    indices, new = [], []
    for _ in range(len(now)):
        i = int(np.argmax(now))
        if now[i] < least:
            break
        indices.append(i)
        new.append(float(now[i]))
        now *= np.exp(-(overlaps[i] ** 2) / sigma)
        now[i] = -np.inf
    return np.array(indices, dtype=np.intp), np.array(new)
