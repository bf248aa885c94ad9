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
    boxes = boxes.astype(np.float64)
    if classes is None:
        classes = np.zeros(len(scores), dtype=np.intp)
    # Stable, so that the lower index comes first among equal scores: reversing an ascending order would turn ties too.
    rest = np.argsort(-scores, kind="stable")
    kept = []
    while rest.size:
        best, rest = rest[0], rest[1:]
        kept.append(best)
        # One row of overlaps for each box that is kept; dropped boxes are never looked at again.
        is_rival = (classes[rest] == classes[best]) & (_overlaps(boxes[best], boxes[rest]) > threshold)
        rest = rest[~is_rival]
    return np.array(kept, dtype=np.intp)


def soft_nms(
    boxes: NDArray[Any], scores: NDArray[np.floating[Any]], sigma: float = 0.5, least: float = 0.001
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Indices and new scores of the boxes, in the order in which they are taken.

    boxes: (n, 4): x1, y1, x2, y2. scores: (n,), multiplied by exp(-overlap² / sigma) for each box taken before.
    least: boxes whose score falls below are left out.
    """
    boxes, scores = boxes.astype(np.float64), scores.astype(np.float64)
    rest = np.arange(len(scores))
    taken, new = [], []
    # The order changes with every box, so it cannot be sorted once in the beginning.
    while rest.size and scores[rest].max() >= least:
        place = scores[rest].argmax()  # the first of equal ones
        best, rest = rest[place], np.delete(rest, place)
        taken.append(best)
        new.append(scores[best])
        scores[rest] *= np.exp(-(_overlaps(boxes[best], boxes[rest]) ** 2) / sigma)
    return np.array(taken, dtype=np.intp), np.array(new, dtype=np.float64)


def _overlaps(box: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of one box with each of others. box: (4,), boxes: (m, 4); returns (m,)."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])  # (m, 2)
    intersection = np.maximum(sides, 0.0).prod(axis=1)
    area, areas = (box[2:] - box[:2]).prod(), (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return np.asarray(intersection / (area + areas - intersection))


# torchvision.ops.nms does the first on the GPU, with a matrix of all overlaps as bits. Detectors of today (DETR) learn
# to report every object once, and need neither.
