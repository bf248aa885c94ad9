"""Scores into probabilities, without overflow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def softmax(x: NDArray[Any], axis: int = -1) -> NDArray[np.floating[Any]]:
    """Probabilities along `axis`: exp(x) over its sum.

    x: one dimension or more, scores of any size, -inf where an entry is masked; left unchanged.
    Returns the shape of x and its dtype if that is a float, else float64; a group masked throughout gives zeros.
    """
    raise NotImplementedError


def log_softmax(x: NDArray[Any], axis: int = -1) -> NDArray[np.floating[Any]]:
    """Natural logarithms of the probabilities along `axis`, exact also where these are too small for a float.

    x: as for softmax; left unchanged.
    Returns the shape of x and its dtype if that is a float, else float64; masked entries give -inf.
    """
    raise NotImplementedError
