"""Scores into probabilities, without overflow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def softmax(x: NDArray[Any], axis: int = -1) -> NDArray[np.floating[Any]]:
    """Probabilities along `axis`: exp(x) over its sum.

    x: one dimension or more, scores of any size, -inf where an entry is masked; left unchanged.
    Returns the shape of x and its dtype if that is a float, else float64; a group masked throughout gives zeros.
    """
    weights = np.exp(_below_zero(x, axis))
    # Summed in float64: a running sum in float16 stops growing at 2048.
    total = weights.sum(axis=axis, keepdims=True, dtype=np.float64)
    # The largest weight is exp(0) = 1, so only a group masked throughout can sum to 0: its zeros stay zeros.
    return np.asarray(weights / np.where(total == 0, 1, total)).astype(weights.dtype)


def log_softmax(x: NDArray[Any], axis: int = -1) -> NDArray[np.floating[Any]]:
    """Natural logarithms of the probabilities along `axis`, exact also where these are too small for a float.

    x: as for softmax; left unchanged.
    Returns the shape of x and its dtype if that is a float, else float64; masked entries give -inf.
    """
    scores = _below_zero(x, axis)
    # log(exp(s) / total) = s - log(total). Taking log(softmax(x)) would give -inf once exp(s) is rounded to 0.
    total = np.exp(scores).sum(axis=axis, keepdims=True, dtype=np.float64)
    return np.asarray(scores - np.log(np.where(total == 0, 1, total))).astype(scores.dtype)


def _below_zero(x: NDArray[Any], axis: int) -> NDArray[np.floating[Any]]:
    """The scores as floats, each group moved so that its largest is 0; softmax does not change by that."""
    # Small integer types would wrap around in the subtraction, and exp of int8 is float16.
    scores = x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)
    # keepdims leaves an axis of length 1, so that each group meets its own maximum whatever the axis.
    top = scores.max(axis=axis, keepdims=True)
    # -inf - (-inf) is NaN; a group masked throughout is not moved at all.
    return np.asarray(scores - np.where(np.isneginf(top), 0, top))


# scipy.special.softmax and torch.softmax move by the maximum too. On a GPU, flash attention goes one step
# further: it reads the scores in blocks once, and rescales its running sum whenever a new maximum appears.
