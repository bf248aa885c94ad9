"""The dropout layer: random zeros while training, nothing at inference."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


class Dropout:
    """Inverted dropout, forward and backward.

    p: the probability that an entry is dropped, from 0 to 1. rng: where all masks come from.
    Raises ValueError for any other p.
    """

    def __init__(self, p: float, rng: np.random.Generator) -> None:
        raise NotImplementedError

    def forward(self, x: Array, training: bool = True) -> Array:
        """Return x with some entries dropped and the others divided by 1 - p; x as it is where training is False.

        x: floats with one axis or more, left unchanged; the result has its shape and dtype.
        """
        raise NotImplementedError

    def backward(self, upstream: Array) -> Array:
        """Return the gradient with respect to the x of the latest forward.

        upstream: the gradient with respect to what that forward returned, of the shape and dtype of x, left unchanged;
        the result has them too.
        """
        raise NotImplementedError
