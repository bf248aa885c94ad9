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
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ValueError(f"{name} must be 'pre' or 'post', got {side!r}")
    if max_length is None:
        max_length = max((len(sequence) for sequence in sequences), default=0)
    if max_length < 0:
        raise ValueError(f"max_length must not be below 0, got {max_length}")

    batch = np.full((len(sequences), max_length), _exactly(value, dtype))
    mask = np.zeros(batch.shape, dtype=np.bool_)
    for row, sequence in enumerate(sequences):
        n = min(len(sequence), max_length)
        # Counted from the front: sequence[-n:] would be the whole sequence where n is 0.
        first = 0 if truncating == "post" else len(sequence) - n
        place = slice(0, n) if padding == "post" else slice(max_length - n, max_length)
        batch[row, place] = _exactly(sequence[first : first + n], dtype)
        # Items are marked by where they stand. Their values cannot tell, as an item may equal the padding.
        mask[row, place] = True
    return batch, mask


def _exactly(numbers: Any, dtype: DTypeLike) -> NDArray[Any]:
    """The numbers as an array of this dtype; an error when an integer dtype would change one of them."""
    if not np.issubdtype(dtype, np.integer):
        return np.asarray(numbers, dtype=dtype)
    # Objects keep each number as it came. A plain asarray makes float64 of a list such as [2**64 - 1, 0], and rounds.
    given = np.asarray(numbers, dtype=object)
    cast = given.astype(dtype)  # refuses NaN, infinity and 300 in uint8 by itself, but cuts 0.5 to 0 without a word
    if np.any(cast != given):
        raise ValueError(f"{np.dtype(dtype)} cannot hold every number of {numbers}")
    return cast


# Libraries go a step further than one rectangle: they sort sentences by length first, so that each batch holds
# sentences of about one length and little of it is padding, or they lay all sentences end to end and pass on the
# lengths alone (PyTorch's PackedSequence and nested tensors).
