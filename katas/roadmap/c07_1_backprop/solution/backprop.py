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
    z1 = X @ params["W1"].T + params["b1"]  # (n, n_1)
    a1 = np.maximum(z1, 0.0)
    z2 = a1 @ params["W2"].T + params["b2"]  # (n, n_2)
    a2 = np.maximum(z2, 0.0)
    # No ReLU at the end: an output may be negative.
    output = a2 @ params["W3"].T + params["b3"]  # (n, n_out)
    return Trace(X, z1, a1, z2, a2, output)


def loss(output: Array, T: Array) -> float:
    """Return half the sum of squares over the outputs, as the mean over the rows.

    Raises ValueError when T does not have the shape of the output.
    """
    _same_shape(output, T)
    return float(np.sum((output - T) ** 2) / (2 * len(T)))


def backward(params: Params, trace: Trace, T: Array) -> Params:
    """Return the derivatives of the loss with respect to each entry of `params`, from a finished forward pass.

    Raises ValueError when T does not have the shape of the output.
    """
    _same_shape(trace.output, T)
    # The mean over the rows is in here, and nowhere else; all that follows is multiplied by it.
    d_output = (trace.output - T) / len(T)  # (n, n_out)
    # Through a layer: what comes back times its weights. Through a ReLU: only where its input was above 0.
    d_z2 = d_output @ params["W3"] * (trace.z2 > 0)  # (n, n_2)
    d_z1 = d_z2 @ params["W2"] * (trace.z1 > 0)  # (n, n_1)
    # For a weight: what comes back times what went in. All rows have used the same weights, so their derivatives add
    # up: a matrix product does so by itself.
    return {
        "W1": d_z1.T @ trace.X,
        "b1": d_z1.sum(axis=0),
        "W2": d_z2.T @ trace.a1,
        "b2": d_z2.sum(axis=0),
        "W3": d_output.T @ trace.a2,
        "b3": d_output.sum(axis=0),
    }


def numerical(params: Params, X: Array, T: Array, h: float = 1e-5) -> Params:
    """Return the same derivatives by central differences: every entry is moved by h and by -h."""
    gradients = {}
    for name, values in params.items():
        gradients[name] = np.zeros(values.shape)
        for place in np.ndindex(values.shape):
            losses = []
            for move in (h, -h):
                moved = values.copy()
                moved[place] += move
                losses.append(loss(forward({**params, name: moved}, X).output, T))
            gradients[name][place] = (losses[0] - losses[1]) / (2 * h)
    return gradients


def _same_shape(output: Array, T: Array) -> None:
    # (n,) minus (n, 1) would be (n, n): every output against every target.
    if output.shape != T.shape:
        raise ValueError(f"T has shape {T.shape}, the output {output.shape}")


# The differences run the whole network twice for each weight; the backward pass costs about two forward passes,
# however many weights there are. That is why networks of billions of weights can be trained at all. Frameworks record
# the operations of the forward pass and walk the record backwards, with one such rule for each operation.
