"""One layer of neurons that learns by backpropagation, and the lines that it draws between the classes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Layer:
    """k neurons with d inputs each: W is (k, d), b is (k,); after `backward`, d_W and d_b are their derivatives."""

    def __init__(self, W: Array, b: Array) -> None:
        raise NotImplementedError

    def forward(self, X: Array) -> Array:
        """Return the scores Z = X · Wᵀ + b, (n, k), of the rows of X, (n, d)."""
        raise NotImplementedError

    def backward(self, d_Z: Array) -> Array:
        """Return d_X, (n, d), and leave d_W and d_b, for the derivatives d_Z, (n, k), of a loss by the scores."""
        raise NotImplementedError

    def step(self, learning_rate: float) -> None:
        """Move W and b against d_W and d_b."""
        raise NotImplementedError


def loss_and_slope(Z: Array, Y: Array) -> tuple[float, Array]:
    """Return the cross-entropy of sigmoid(Z) and Y, both (n, k), and its derivative by Z, (n, k).

    It is summed over the neurons; the loss is the mean over the rows.
    """
    raise NotImplementedError


def train(X: Array, Y: Array, learning_rate: float = 1.0, max_steps: int = 2000) -> tuple[Layer, list[float]]:
    """Return a layer that separates the rows of X, (n, d), by Y, (n, k) of 0 and 1, or what max_steps steps have made.

    The losses are those before each step, and the last one.
    """
    raise NotImplementedError


def margins(layer: Layer, X: Array, Y: Array) -> Array:
    """Return for each neuron the least distance of a row from its line, negative on the wrong side: (k,)."""
    raise NotImplementedError


def draw_boundary(layer: Layer, X: Array, Y: Array) -> Figure:
    """Draw the rows of X, (n, 2), and the line of each neuron, each in axes of its own."""
    raise NotImplementedError
