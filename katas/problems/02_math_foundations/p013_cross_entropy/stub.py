"""The loss of a classifier: what it gave to the class that was true."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def cross_entropy(probs: NDArray[Any], labels: NDArray[Any]) -> float:
    """Mean of -log(probability of the true class) over the samples.

    probs: (n, c), no value negative, each row sums to 1; left unchanged.
    labels: (n,) integers from 0 to c - 1, or (n, c) one-hot rows; left unchanged.
    A probability of the true class below 1e-12 counts as 1e-12.
    Raises ValueError when probs or labels are not as said here.
    """
    raise NotImplementedError


def cross_entropy_from_logits(logits: NDArray[Any], labels: NDArray[Any]) -> float:
    """Mean of -log(softmax probability of the true class) over the samples, exact for scores of any size.

    logits: (n, c), -inf where a class is masked; left unchanged.
    labels: as for cross_entropy; left unchanged.
    Returns inf when the true class of a sample is masked.
    Raises ValueError when labels are not as said here.
    """
    raise NotImplementedError
