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
    n, n_steps, _ = xs.shape
    first = np.zeros((n, len(params["b"]))) if h0 is None else h0
    hs, _ = unroll(params, xs, first)
    if d_hs.shape != hs.shape:
        raise ValueError(f"d_hs must have the shape {hs.shape}, got {d_hs.shape}")
    # Step t was given the state of step t - 1, the first step was given h0.
    given = np.concatenate([first[:, None], hs[:, :-1]], axis=1)  # (n, n_steps, n_hidden)
    totals = {name: np.zeros_like(value) for name, value in params.items()}
    d_xs = np.zeros(xs.shape)
    d_h = np.zeros_like(first)
    for t in reversed(range(n_steps)):
        # A state is used twice: outside, and by the next step. Both gradients meet here, once for each step: walking
        # back from every output on its own would take a time that grows with the square of n_steps.
        gradients, d_xs[:, t], d_h = step_backward(params, xs[:, t], given[:, t], d_hs[:, t] + d_h)
        for name, gradient in gradients.items():
            totals[name] += gradient  # the same parameters at every step
    return totals, d_xs, d_h


def clip(gradients: Mapping[str, Array], limit: float) -> Params:
    """Return the gradients, scaled down so that the norm of all of them together is at most `limit`.

    Raises ValueError where limit is not above 0.
    """
    if not limit > 0:
        raise ValueError(f"limit must be above 0, got {limit}")
    # One norm and one factor for all: the step becomes shorter, and keeps its direction.
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients.values()))
    factor = limit / norm if norm > limit else 1.0
    return {name: gradient * factor for name, gradient in gradients.items()}


def attention_backward(q: Array, k: Array, v: Array, weights: Array, upstream: Array) -> tuple[Array, Array, Array]:
    """Return the gradients (d_q, d_k, d_v) of attention.

    q: (b, h, t, w); k: (b, h, s, w); v: (b, h, s, u); weights: (b, h, t, s), as attention has returned them.
    upstream: (b, h, t, u), the gradient with respect to the output of attention.
    """
    d_v = weights.swapaxes(-1, -2) @ upstream  # (b, h, s, u)
    d_weights = upstream @ v.swapaxes(-1, -2)  # (b, h, t, s)
    # Softmax: weights sum to 1, so what counts is how much better a key is than the weighted mean. A hidden key has
    # weight 0, and its score gets no gradient: the mask need not be known here.
    d_scores = weights * (d_weights - (weights * d_weights).sum(axis=-1, keepdims=True))
    d_scores = d_scores / math.sqrt(q.shape[-1])
    return d_scores @ k, d_scores.swapaxes(-1, -2) @ q, d_v


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
    output, weights = multi_head(x, x, params, n_heads, is_padding, causal)
    return x + output, weights


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
    _, weights = multi_head(x, x, params, n_heads, is_padding, causal)  # (b, h, t, t)
    q, k, v = (split_heads(x @ params[name].T, n_heads) for name in ("Wq", "Wk", "Wv"))
    joined = join_heads(weights @ v)  # what Wo was given: (b, t, d)
    gradients = {"Wo": _weight_gradient(upstream, joined)}
    d_heads = split_heads(upstream @ params["Wo"], n_heads)
    # x went four ways: past the attention, and into queries, keys and values. All four gradients add up.
    d_x = upstream.copy()
    for name, d_head in zip(("Wq", "Wk", "Wv"), attention_backward(q, k, v, weights, d_heads), strict=True):
        d_tokens = join_heads(d_head)  # (b, t, d)
        gradients[name] = _weight_gradient(d_tokens, x)
        d_x += d_tokens @ params[name]
    return gradients, d_x


def _weight_gradient(upstream: Array, x: Array) -> Array:
    """The gradient of W in x @ W.T, summed over sequences and tokens."""
    return np.tensordot(upstream, x, axes=((0, 1), (0, 1)))


# torch.nn.utils.clip_grad_norm_ divides by the norm plus 1e-6, and changes the gradients in place. A Transformer's
# block normalises x before the attention, and adds a small network after it, with a path past it as well.
