"""The gradients of a recurrent network and of an attention block, and the clipping that keeps them in bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from attention import join_heads, multi_head, split_heads
from numpy.typing import NDArray
from rnn import step_backward, unroll

Array = NDArray[Any]
Params = dict[str, Array]


def unroll_backward(
    params: Params, xs: NDArray[Any], d_hs: Array, h0: Array | None = None
) -> tuple[Params, Array, Array]:
    """Return the gradients (gradients, d_xs, d_h0) of unroll(params, xs, h0), back through all steps.

    d_hs: (n, n_steps, n_hidden), for each hidden state the gradient of what uses it outside the network.
    gradients: a dict like params; d_xs: (n, n_steps, n_in); d_h0: (n, n_hidden).
    Raises ValueError where d_hs has another shape.
    """
    raise NotImplementedError


def clip(gradients: Mapping[str, Array], limit: float) -> Params:
    """Return the gradients, scaled down so that the norm of all of them together is at most `limit`.

    Raises ValueError where limit is not above 0.
    """
    raise NotImplementedError


def attention_backward(q: Array, k: Array, v: Array, weights: Array, upstream: Array) -> tuple[Array, Array, Array]:
    """Return the gradients (d_q, d_k, d_v) of attention.

    q: (b, h, t, w); k: (b, h, s, w); v: (b, h, s, u); weights: (b, h, t, s), as attention has returned them.
    upstream: (b, h, t, u), the gradient with respect to the output of attention.
    """
    raise NotImplementedError


def block(
    params: Mapping[str, Array],
    x: Array,
    n_heads: int,
    is_padding: NDArray[np.bool_] | None = None,
    causal: bool = False,
) -> tuple[Array, Array]:
    """Return (output, weights): x plus what its tokens learn from each other, x + multi_head(x, x, ...).

    x: (b, t, d); params: Wq, Wk, Wv and Wo, each (d, d); masks as in multi_head.
    output: (b, t, d); weights: (b, n_heads, t, t).
    """
    raise NotImplementedError


def block_backward(
    params: Mapping[str, Array],
    x: Array,
    n_heads: int,
    upstream: Array,
    is_padding: NDArray[np.bool_] | None = None,
    causal: bool = False,
) -> tuple[Params, Array]:
    """Return (gradients, d_x) of block, gradients being a dict like params.

    upstream: (b, t, d), the gradient with respect to the output of block.
    """
    raise NotImplementedError
