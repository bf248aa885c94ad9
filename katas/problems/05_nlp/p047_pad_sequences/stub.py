"""Sequences of different lengths into one rectangular batch."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def pad_sequences(
    sequences: Sequence[Sequence[float] | NDArray[Any]],
    max_length: int | None = None,
    *,
    padding: str = "post",
    truncating: str = "post",
    value: float = 0,
    dtype: DTypeLike = np.int64,
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return a batch (n, max_length) of dtype, and a mask of the same shape, True where an item stands.

    sequences: n lists, tuples or one-dimensional arrays of numbers; left unchanged.
    max_length: by default the length of the longest sequence.
    padding, truncating: "post" fills, or cuts off, the end, "pre" the beginning.
    Raises ValueError for other sides and for max_length below 0; ValueError or OverflowError when an integer dtype
    cannot hold an item or the value.
    """
    raise NotImplementedError
