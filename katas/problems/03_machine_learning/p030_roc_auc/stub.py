"""The ROC curve and the area under it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def roc_curve(y_true: NDArray[Any], scores: NDArray[Any]) -> tuple[Array, Array, Array]:
    """(fpr, tpr, thresholds): a point for infinity and for each different score, thresholds falling.

    y_true: (n,) of 0 and 1; scores: (n,), finite; both left unchanged. Score >= threshold means called positive.
    Raises ValueError when y_true holds one class only or anything but 0 and 1, or scores NaN or infinity.
    """
    raise NotImplementedError


def auc(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Area under the line through the points (x, y), by the trapezoid rule.

    x: (m,), m >= 2, never falling; y: (m,). Raises ValueError when x rises and then falls.
    """
    raise NotImplementedError


def roc_auc_score(y_true: NDArray[Any], scores: NDArray[Any]) -> float:
    """Area under the ROC curve; see `roc_curve` for what is accepted and refused."""
    raise NotImplementedError
