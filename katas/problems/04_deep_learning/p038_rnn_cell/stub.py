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
    raise NotImplementedError


def unroll(params: Params, xs: NDArray[Any], h0: Array | None = None) -> tuple[Array, Array]:
    """Return all hidden states (n, n_steps, n_hidden) of the sequences xs (n, n_steps, n_in), and the last one.

    h0: the hidden state before the first step, zeros by default. Raises ValueError as step does.
    """
    raise NotImplementedError


def step_backward(params: Params, x: NDArray[Any], h: Array, upstream: Array) -> tuple[Params, Array, Array]:
    """Return the gradients of one step: a dict like params, d_x (n, n_in) and d_h (n, n_hidden).

    upstream: (n, n_hidden), the gradient with respect to what step(params, x, h) returns.
    """
    raise NotImplementedError
