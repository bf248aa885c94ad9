"""A network of three dense layers: forward, backward, and a check of one by the other."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Params = dict[str, Array]  # W1 (n_1, n_in), b1 (n_1,), W2 (n_2, n_1), b2 (n_2,), W3 (n_out, n_2), b3 (n_out,)


class Trace(NamedTuple):
    """What the forward pass keeps for the backward pass, a row for each example: z before the ReLU, a after it."""

    X: Array
    z1: Array
    a1: Array
    z2: Array
    a2: Array
    output: Array


def forward(params: Params, X: Array) -> Trace:
    """Send the rows of X, (n, n_in), through all three layers."""
    raise NotImplementedError


def loss(output: Array, T: Array) -> float:
    """Return half the sum of squares over the outputs, as the mean over the rows.

    Raises ValueError when T does not have the shape of the output.
    """
    raise NotImplementedError


def backward(params: Params, trace: Trace, T: Array) -> Params:
    """Return the derivatives of the loss with respect to each entry of `params`, from a finished forward pass.

    Raises ValueError when T does not have the shape of the output.
    """
    raise NotImplementedError


def numerical(params: Params, X: Array, T: Array, h: float = 1e-5) -> Params:
    """Return the same derivatives by central differences: every entry is moved by h and by -h."""
    raise NotImplementedError
