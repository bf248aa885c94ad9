"""A convolutional network that learns: its layers, their gradients, and training."""

from __future__ import annotations

from typing import Any

import numpy as np
from conv2d import conv2d
from numpy.typing import NDArray

Array = NDArray[np.float64]
# w1 (f1, c, 3, 3), b1 (f1,), w2 (f2, f1, 3, 3), b2 (f2,), w3 (k, f2 * (h // 4) * (w // 4)), b3 (k,)
Params = dict[str, Array]


def conv(x: Array, w: Array, b: Array, padding: int = 0) -> Array:
    """Return conv2d of each image, plus the bias of each output channel: (n, o, oh, ow).

    x: (n, c, h, w); w: (o, c, kh, kw); b: (o,).
    """
    raise NotImplementedError


def conv_backward(upstream: Array, x: Array, w: Array, padding: int = 0) -> tuple[Array, Array, Array]:
    """Return the gradients (d_x, d_w, d_b) of conv, each of the shape of what it belongs to.

    upstream: (n, o, oh, ow), the gradient with respect to what conv(x, w, b, padding) returns.
    """
    raise NotImplementedError


def max_pool(x: Array, size: int) -> Array:
    """Return the largest number of each window of size x size: (n, c, h // size, w // size).

    Windows do not overlap; rows and columns at the far end that fill none are left out.
    """
    raise NotImplementedError


def max_pool_backward(upstream: Array, x: Array, size: int) -> Array:
    """Return the gradient (n, c, h, w) of max_pool: that of a window goes to its first largest number."""
    raise NotImplementedError


def forward(params: Params, x: Array) -> Array:
    """Return the logits (n, k) of images (n, c, h, w).

    Twice a conv with padding 1, a ReLU and a max_pool of size 2; then x @ w3.T + b3 on the flattened features.
    """
    raise NotImplementedError


def loss_and_gradients(params: Params, x: Array, labels: NDArray[Any]) -> tuple[float, Params]:
    """Return the mean cross-entropy of the logits, and its gradients: a dict like params.

    labels: (n,) integers. Raises ValueError for one that is no class.
    """
    raise NotImplementedError


def fit(x: Array, labels: NDArray[Any], n_classes: int, seed: int = 0) -> Params:
    """Return the params of a network that has learned the labels of the images, from a start drawn by `seed`."""
    raise NotImplementedError


def predict(params: Params, x: Array) -> NDArray[np.intp]:
    """Return the class of the largest logit of each image: (n,)."""
    raise NotImplementedError
