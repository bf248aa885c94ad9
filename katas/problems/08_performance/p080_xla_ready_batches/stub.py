"""Batches of few shapes, for functions that are compiled for each shape."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Items = Sequence[int] | NDArray[np.integer[Any]]


class Batch(NamedTuple):
    """Sequences of one bucket, one per row, padded with zeros."""

    tokens: NDArray[np.int32]  # (batch_size, bucket)
    mask: NDArray[np.bool_]  # (batch_size, bucket), True where an item stands
    rows: NDArray[np.int32]  # (batch_size,), the number of each row's sequence, -1 for a row that only fills


def buckets_up_to(longest: int, smallest: int = 8) -> tuple[int, ...]:
    """Return the lengths smallest, 2 * smallest, 4 * smallest, … up to the first that is at least longest."""
    raise NotImplementedError


def ready_batches(sequences: Iterable[Items], buckets: tuple[int, ...], batch_size: int) -> Iterator[Batch]:
    """Yield the sequences in batches of batch_size rows, each padded to the smallest bucket that holds it.

    A batch comes as soon as it is full; those that were begun come at the end, smallest bucket first.
    Raises ValueError for a sequence longer than the last bucket, and refuses items that int32 cannot hold.
    """
    raise NotImplementedError


def mean_loss(
    token_losses: Callable[[NDArray[np.int32], NDArray[np.bool_]], Any],
    batches: Iterable[Batch],
) -> float:
    """Return the mean of the losses of all items of all batches; losses at padding do not count.

    token_losses(tokens, mask) returns (batch_size, bucket) losses; it is called once for each batch.
    """
    raise NotImplementedError
