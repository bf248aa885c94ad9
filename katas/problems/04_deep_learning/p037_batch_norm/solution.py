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
        self.momentum = momentum
        self.eps = eps
        self.gamma = np.ones(n_features)
        self.beta = np.zeros(n_features)
        self.running_mean = np.zeros(n_features)
        self.running_var = np.ones(n_features)

    def forward(self, x: NDArray[Any], training: bool = True) -> Array:
        """Return x (n, n_features) normalized, times gamma plus beta; float64.

        training: True uses the batch's own mean and variance and moves the running ones; False uses the running ones.
        Raises ValueError for another shape, and for a single row in training.
        """
        if x.shape[1:] != self.gamma.shape:  # a single column would be broadcast without a word
            raise ValueError(f"x must have the shape (n, {len(self.gamma)}), got {x.shape}")
        x = x.astype(np.float64)  # in float16, a square overflows above 255
        if training:
            mean, var = self._statistics(x)
        else:
            mean, var = self.running_mean, self.running_var
        # backward needs to know what this call did, and by which numbers.
        self._training = training
        self._std = np.sqrt(var + self.eps)  # (n_features,); eps is inside, where it bounds the derivative as well
        self._x_hat = (x - mean) / self._std  # (n, n_features)
        return self.gamma * self._x_hat + self.beta

    def _statistics(self, x: Array) -> tuple[Array, Array]:
        """Return the mean and the biased variance of each column, and move the running statistics towards them."""
        n = len(x)
        if n < 2:  # x - mean would be 0, whatever x is
            raise ValueError("training needs at least two rows: the variance of one says nothing")
        mean, var = x.mean(axis=0), x.var(axis=0)
        # What is remembered estimates the variance of all data; within a batch it comes out too small by (n - 1) / n.
        self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
        self.running_var = self.running_var + self.momentum * (var * n / (n - 1) - self.running_var)
        return mean, var

    def backward(self, upstream: NDArray[Any]) -> tuple[Array, Array, Array]:
        """Return the gradients with respect to x, gamma and beta of the latest forward.

        upstream: (n, n_features), the gradient with respect to what that forward returned.
        """
        upstream = upstream.astype(np.float64)
        d_gamma = (upstream * self._x_hat).sum(axis=0)  # each row has used the same gamma and beta
        d_beta = upstream.sum(axis=0)
        d_hat = upstream * self.gamma  # (n, n_features)
        if self._training:
            # x reaches the result by its mean and its variance as well. Moving a whole column changes nothing, as the
            # mean moves along; stretching it changes next to nothing, as the variance grows along. So what points in
            # these two directions is taken off.
            d_hat = d_hat - d_hat.mean(axis=0) - self._x_hat * (d_hat * self._x_hat).mean(axis=0)
        return d_hat / self._std, d_gamma, d_beta


# torch.nn.BatchNorm1d and BatchNorm2d do the same, the latter for each channel, over the rows and all places of the
# image. At inference the layer is one multiplication and one addition for each column, so that compilers merge it into
# the matrix before it. Layer normalization takes mean and variance over each row instead: it works with a batch of one,
# and needs no running statistics, so that language models use it.
