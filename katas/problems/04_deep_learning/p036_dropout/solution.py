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
        if not 0 <= p <= 1:  # in this form NaN is refused too
            raise ValueError(f"p must be between 0 and 1, got {p}")
        self.p = p
        self.rng = rng

    def forward(self, x: Array, training: bool = True) -> Array:
        """Return x with some entries dropped and the others divided by 1 - p; x as it is where training is False.

        x: floats with one axis or more, left unchanged; the result has its shape and dtype.
        """
        # backward needs to know what this call did. None stands for the identity.
        self._kept = self.rng.random(x.shape) >= self.p if training else None
        return self._mask(x)

    def backward(self, upstream: Array) -> Array:
        """Return the gradient with respect to the x of the latest forward.

        upstream: the gradient with respect to what that forward returned, of the shape and dtype of x, left unchanged;
        the result has them too.
        """
        # Once the mask is drawn, forward is a multiplication by 1 / (1 - p) or by 0, and so is its derivative.
        return self._mask(upstream)

    def _mask(self, values: Array) -> Array:
        """Return the values that are kept divided by 1 - p, and zeros for the others."""
        if self._kept is None:
            return values.copy()
        # Divided here, and not at inference: then a model that is used never has to know about dropout.
        # Multiplying by a mask of 0 and 1 would make NaN of a dropped infinity. With `where`, dropped values are not
        # touched at all, so that p = 1 divides nothing by 0.
        return np.divide(values, 1 - self.p, out=np.zeros_like(values), where=self._kept)


# torch.nn.Dropout does the same, but switches by module.train() and module.eval(), and can work in place. Its relatives
# drop whole channels (Dropout2d), whole layers (stochastic depth), or weights instead of activations (DropConnect).
