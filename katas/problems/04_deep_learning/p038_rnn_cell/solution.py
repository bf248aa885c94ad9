"""A recurrent cell: one step, many steps, and one step back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Params = dict[str, Array]  # W_x (n_hidden, n_in), W_h (n_hidden, n_hidden), b (n_hidden,)


def step(params: Params, x: NDArray[Any], h: Array) -> Array:
    """Return the hidden state (n, n_hidden) after reading x (n, n_in), where h was the one before.

    Raises ValueError where h does not have the shape (n, n_hidden).
    """
    expected = (len(x), len(params["b"]))
    if h.shape != expected:  # a single state would be broadcast to all sequences without a word
        raise ValueError(f"the hidden state must have the shape {expected}, got {h.shape}")
    # What is read and what is remembered come together before tanh, which keeps the state between -1 and 1 for ever.
    return np.tanh(x @ params["W_x"].T + h @ params["W_h"].T + params["b"])  # (n, n_hidden)


def unroll(params: Params, xs: NDArray[Any], h0: Array | None = None) -> tuple[Array, Array]:
    """Return all hidden states (n, n_steps, n_hidden) of the sequences xs (n, n_steps, n_in), and the last one.

    h0: the hidden state before the first step, zeros by default. Raises ValueError as step does.
    """
    n, n_steps, _ = xs.shape
    n_hidden = len(params["b"])
    h = np.zeros((n, n_hidden)) if h0 is None else h0
    hs = np.empty((n, n_steps, n_hidden))
    # This loop cannot be vectorized: each step waits for the one before. The sequences of a batch go side by side.
    for t in range(n_steps):
        h = step(params, xs[:, t], h)  # the same parameters at every step
        hs[:, t] = h
    return hs, h


def step_backward(params: Params, x: NDArray[Any], h: Array, upstream: Array) -> tuple[Params, Array, Array]:
    """Return the gradients of one step: a dict like params, d_x (n, n_in) and d_h (n, n_hidden).

    upstream: (n, n_hidden), the gradient with respect to what step(params, x, h) returns.
    """
    # tanh' = 1 - tanh²: the result itself says how steep it was, and nothing can overflow.
    d_before = upstream * (1.0 - step(params, x, h) ** 2)  # (n, n_hidden)
    # All rows have used the same parameters: their gradients are sums over the rows.
    gradients = {"W_x": d_before.T @ x, "W_h": d_before.T @ h, "b": d_before.sum(axis=0)}
    return gradients, d_before @ params["W_x"], d_before @ params["W_h"]


# torch.nn.RNN takes (n_steps, n, n_in) unless batch_first=True, stacks layers and reads in both directions. Going back
# through a sequence, d_h of each step joins the upstream of the step before, so that it is multiplied by W_h and by
# 1 - h² again and again: it dies out or explodes. GRU and LSTM therefore add a path past tanh on which little is
# multiplied, and attention has no such path to walk at all.
