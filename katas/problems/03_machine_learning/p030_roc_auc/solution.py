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
    is_positive, values = _checked(y_true, scores)
    order = np.argsort(-values)  # falling; minus a float cannot wrap around, minus a uint8 does
    ranked = values[order]
    # As the threshold falls past a sample, it is called positive. Running counts say what has been called so far.
    hits = np.cumsum(is_positive[order])  # (n,) true positives
    false_alarms = np.arange(1, len(ranked) + 1) - hits  # (n,)
    # No threshold separates equal scores, so only the last sample of each run of equals is a point of the curve. Within
    # the run the curve goes straight, which is what makes a tie count half in the area.
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # (t,)
    tpr = np.append(0.0, hits[ends] / hits[-1])  # (t + 1,)
    fpr = np.append(0.0, false_alarms[ends] / false_alarms[-1])
    return fpr, tpr, np.append(np.inf, ranked[ends])


def auc(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Area under the line through the points (x, y), by the trapezoid rule.

    x: (m,), m >= 2, never falling; y: (m,). Raises ValueError when x rises and then falls.
    """
    widths = np.diff(x)
    if (widths < 0).any():
        # A step back would subtract its area again, without an error.
        raise ValueError("x falls somewhere; sort the points by x first")
    return float(np.sum(widths * (y[1:] + y[:-1]) / 2))


def roc_auc_score(y_true: NDArray[Any], scores: NDArray[Any]) -> float:
    """Area under the ROC curve; see `roc_curve` for what is accepted and refused."""
    fpr, tpr, _ = roc_curve(y_true, scores)
    return auc(fpr, tpr)


def _checked(y_true: NDArray[Any], scores: NDArray[Any]) -> tuple[NDArray[np.bool_], Array]:
    """Which samples are positive, and the scores as float64, once both are found to be in order."""
    is_positive = y_true == 1
    if not (is_positive | (y_true == 0)).all():
        raise ValueError("y_true must hold 0 and 1 only")
    if is_positive.all() or not is_positive.any():
        # One of the two rates would be 0/0.
        raise ValueError("y_true holds one class only; the ROC curve needs both")
    values = scores.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("scores holds NaN or infinity")
    return is_positive, values


# scikit-learn's roc_curve does the same, and by default leaves out points in the middle of a straight piece, which
# changes no area. Its roc_auc_score also averages over several classes and accepts sample weights. Where 1s are rare,
# look at precision and recall too: with a million 0s, a false positive rate of 0.1 % is a thousand alarms.
