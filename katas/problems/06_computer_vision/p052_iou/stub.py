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
    raise NotImplementedError
