"""Noise that fools a softmax regression: the fast gradient sign method, and random noise of the same size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def input_gradient(w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """The derivative of each image's loss, -log p[y] with p = softmax(x @ w + b), by its own pixels.

    w: (d, k), b: (k,), x: (n, d), y: (n,) integers from 0 to k - 1. Returns (n, d).
    """
    raise NotImplementedError


def fgsm(w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any], epsilon: float) -> NDArray[np.float64]:
    """The images x, (n, d), each pixel moved by epsilon so that the loss grows, within 0 to 1.

    Raises ValueError for a negative epsilon.
    """
    raise NotImplementedError


def noise(x: NDArray[Any], epsilon: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The images x, (n, d), each pixel moved up or down by epsilon at random, within 0 to 1.

    Raises ValueError for a negative epsilon.
    """
    raise NotImplementedError
