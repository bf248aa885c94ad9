"""Multi-head attention, the layer at the heart of every Transformer."""

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
    raise NotImplementedError


def join_heads(heads: Array) -> Array:
    """Return the heads side by side, the first one first: (b, h, t, w) -> (b, t, h * w)."""
    raise NotImplementedError


def attention(q: Array, k: Array, v: Array, hidden: Mask | None = None) -> tuple[Array, Array]:
    """Return (output, weights): the values, weighed by how well their keys answer each query.

    q: (b, h, t, w); k: (b, h, s, w); v: (b, h, s, u).
    hidden: broadcasts to (b, h, t, s), True where a query must not look; None hides nothing.
    output: (b, h, t, u); weights: (b, h, t, s), rows sum to 1, or are zeros where every key is hidden.
    """
    raise NotImplementedError


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
    raise NotImplementedError
