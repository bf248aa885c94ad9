"""Confusion matrix, precision, recall and F1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[Any] | Sequence[Any]


def confusion_matrix(y_true: Labels, y_pred: Labels, labels: Labels | None = None) -> NDArray[np.int64]:
    """Counts (k, k): entry [i, j] is how many samples of true label i were predicted as label j.

    y_true, y_pred: (n,). labels: the order of the rows and columns; None for all that occur in either, sorted.
    Raises ValueError for different lengths, and for labels that repeats a label or lacks one that occurs.
    """
    raise NotImplementedError


def precision_recall_f1(
    y_true: Labels,
    y_pred: Labels,
    average: str | None = None,
    labels: Labels | None = None,
    zero_division: float = 0.0,
) -> tuple[Any, Any, Any]:
    """(precision, recall, f1): arrays (k,) by label for average=None, otherwise floats.

    average: None, "micro", "macro" or "weighted" (by the number of true samples).
    zero_division: a score's value where its own denominator is 0.
    Raises ValueError where `confusion_matrix` does, and for another average.
    """
    raise NotImplementedError
