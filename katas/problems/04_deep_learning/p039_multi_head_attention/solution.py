"""Multi-head attention, the layer at the heart of every Transformer."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]


def split_heads(x: Array, n_heads: int) -> Array:
    """Return the columns of x dealt out to the heads in order: (b, t, d) -> (b, n_heads, t, w), w = d / n_heads.

    Raises ValueError where n_heads does not divide d.
    """
    b, t, d = x.shape
    # A head is a block of columns, so the axis of columns is what is split; reshape refuses what does not divide.
    # Asking for (b, n_heads, t, w) at once would have the right shape too, and cut the tokens up instead.
    return x.reshape(b, t, n_heads, d // n_heads).swapaxes(1, 2)  # (b, h, t, w)


def join_heads(heads: Array) -> Array:
    """Return the heads side by side, the first one first: (b, h, t, w) -> (b, t, h * w)."""
    b, h, t, w = heads.shape
    return heads.swapaxes(1, 2).reshape(b, t, h * w)


def attention(q: Array, k: Array, v: Array, hidden: Mask | None = None) -> tuple[Array, Array]:
    """Return (output, weights): the values, weighed by how well their keys answer each query.

    q: (b, h, t, w); k: (b, h, s, w); v: (b, h, s, u).
    hidden: broadcasts to (b, h, t, s), True where a query must not look; None hides nothing.
    output: (b, h, t, u); weights: (b, h, t, s), rows sum to 1, or are zeros where every key is hidden.
    """
    # A dot product of w random numbers has variance w: without the division, softmax would be all but one-hot, and
    # its gradient 0. math.sqrt returns a Python float, which leaves float32 alone; np.sqrt's float64 would widen it.
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])  # (b, h, t, s)
    if hidden is not None:
        scores = np.where(hidden, -np.inf, scores)  # before softmax, so that the others sum to 1
    # Softmax. The largest score of each query becomes 0, so that exp cannot overflow, and its sum is at least 1;
    # only where all keys are hidden the largest is -inf and the sum 0, and both are replaced.
    top = scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isneginf(top), 0, top))
    total = weights.sum(axis=-1, keepdims=True)
    weights = weights / np.where(total == 0, 1, total)
    return weights @ v, weights


def multi_head(
    x: Array,
    context: Array,
    params: Mapping[str, Array],
    n_heads: int,
    is_padding: Mask | None = None,
    causal: bool = False,
) -> tuple[Array, Array]:
    """Return (output, weights) of a whole layer: project, split, attend, join, project.

    x: (b, t, d), makes the queries; context: (b, s, d), makes keys and values.
    params: "Wq", "Wk", "Wv" and "Wo", each (d, d), used as x @ W.T.
    is_padding: (b, s), True where a token of context is padding, which no query sees.
    causal: query i sees keys 0 to i only.
    output: (b, t, d); weights: (b, n_heads, t, s).
    Raises ValueError where n_heads does not divide d, and for an is_padding that is not boolean of shape (b, s).
    """
    q = split_heads(x @ params["Wq"].T, n_heads)  # (b, h, t, w)
    k = split_heads(context @ params["Wk"].T, n_heads)  # (b, h, s, w)
    v = split_heads(context @ params["Wv"].T, n_heads)
    t, s = q.shape[2], k.shape[2]
    hidden = np.zeros((t, s), dtype=bool)
    if causal:
        hidden = np.triu(~hidden, k=1)  # above the diagonal: keys that come after the query
    if is_padding is not None:
        # Of integers, "~" and "|" would make something else than "not" and "or".
        if is_padding.dtype != bool or is_padding.shape != context.shape[:2]:
            raise ValueError(f"is_padding must be boolean of shape {context.shape[:2]}")
        hidden = hidden | is_padding[:, None, None, :]  # (b, 1, t, s): the same for all heads
    output, weights = attention(q, k, v, hidden)
    # Wo mixes the heads, which have not met until here.
    return join_heads(output) @ params["Wo"].T, weights


# torch.nn.MultiheadAttention adds biases and dropout, and keeps Wq, Wk and Wv as one matrix (3 * d, d), for one product
# instead of three. Flash attention never holds the (t, s) weights: it goes through the keys in blocks, with a running
# maximum and a running sum. Models that write keep k and v of all earlier tokens (the KV cache).
