"""The batch normalization layer: statistics of the batch while training, running ones at inference."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class BatchNorm:
    """Batch normalization of (n, n_features), forward and backward.

    gamma, beta, running_mean, running_var: (n_features,) float64, at the start ones, zeros, zeros and ones.
    momentum: the share of the new batch in the running statistics. eps: added to the variance.
    """

    def __init__(self, n_features: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        raise NotImplementedError

    def forward(self, x: NDArray[Any], training: bool = True) -> Array:
        """Return x (n, n_features) normalized, times gamma plus beta; float64.

        training: True uses the batch's own mean and variance and moves the running ones; False uses the running ones.
        Raises ValueError for another shape, and for a single row in training.
        """
        raise NotImplementedError

    def backward(self, upstream: NDArray[Any]) -> tuple[Array, Array, Array]:
        """Return the gradients with respect to x, gamma and beta of the latest forward.

        upstream: (n, n_features), the gradient with respect to what that forward returned.
        """
        raise NotImplementedError
