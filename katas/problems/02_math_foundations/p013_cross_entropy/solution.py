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
    table = probs.astype(np.float64)
    if (table < 0).any() or (np.abs(table.sum(axis=1) - 1) > 1e-4).any():
        raise ValueError("probs must be rows of probabilities that sum to 1; are these logits?")

    # Picking the true class first leaves all the zeros beside it untouched: 0·log 0 is never computed.
    p = table[np.arange(len(table)), _classes(labels, table.shape)]  # (n,)
    return float(-np.log(np.maximum(p, 1e-12)).mean())


def cross_entropy_from_logits(logits: NDArray[Any], labels: NDArray[Any]) -> float:
    """Mean of -log(softmax probability of the true class) over the samples, exact for scores of any size.

    logits: (n, c), -inf where a class is masked; left unchanged.
    labels: as for cross_entropy; left unchanged.
    Returns inf when the true class of a sample is masked.
    Raises ValueError when labels are not as said here.
    """
    # As float64 first: in uint8 the difference of 3 and 5 is 254.
    scores = logits.astype(np.float64)
    true = _classes(labels, scores.shape)

    # -log(exp(s_true) / Σ exp(s)) = log Σ exp(s) - s_true. With the largest score moved to 0 no exponential
    # overflows, and the sum is at least 1, so its logarithm is never that of 0.
    scores = scores - scores.max(axis=1, keepdims=True)  # (n, c)
    log_total = np.log(np.exp(scores).sum(axis=1))  # (n,)
    return float((log_total - scores[np.arange(len(scores)), true]).mean())


def _classes(labels: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The true class of each sample, whichever form the labels have."""
    n, c = shape
    if labels.shape == (n, c):
        # Exactly one 1 and the rest 0: a row of zeros would otherwise count as class 0.
        if not (((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all()):
            raise ValueError("labels of shape (n, c) must be one-hot: a single 1 in each row, the rest 0")
        return np.asarray(labels.argmax(axis=1))  # (n,)
    if labels.shape != (n,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be {n} integers, or one-hot rows of shape {(n, c)}; got shape {labels.shape}")
    # Without this -1 would quietly mean the last class.
    if labels.min() < 0 or labels.max() >= c:
        raise ValueError(f"labels must lie between 0 and {c - 1}")
    return labels


# torch.nn.functional.cross_entropy takes logits only, for exactly this reason, and can also weigh classes, smooth the
# labels and skip samples (ignore_index).
