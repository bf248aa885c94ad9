"""Batches of few shapes, for functions that are compiled for each shape."""

from bisect import bisect_left
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
    buckets = [smallest]
    while buckets[-1] < longest:
        # Doubling: at most half of a row is padding, and a thousand lengths take eight compilations.
        buckets.append(2 * buckets[-1])
    return tuple(buckets)


def ready_batches(sequences: Iterable[Items], buckets: tuple[int, ...], batch_size: int) -> Iterator[Batch]:
    """Yield the sequences in batches of batch_size rows, each padded to the smallest bucket that holds it.

    A batch comes as soon as it is full; those that were begun come at the end, smallest bucket first.
    Raises ValueError for a sequence longer than the last bucket, and refuses items that int32 cannot hold.
    """
    waiting: dict[int, list[tuple[int, NDArray[np.int32]]]] = {bucket: [] for bucket in buckets}
    for number, sequence in enumerate(sequences):
        items = _int32(sequence)
        if len(items) > buckets[-1]:
            raise ValueError(f"sequence {number} has {len(items)} items, and the last bucket {buckets[-1]}")
        bucket = buckets[bisect_left(buckets, len(items))]  # the first that is at least the length
        waiting[bucket].append((number, items))
        if len(waiting[bucket]) == batch_size:
            yield _batch(waiting[bucket], bucket, batch_size)
            waiting[bucket].clear()
    for bucket, members in waiting.items():
        if members:
            # Not a smaller batch: that would be one more shape, and one more compilation.
            yield _batch(members, bucket, batch_size)


def mean_loss(
    token_losses: Callable[[NDArray[np.int32], NDArray[np.bool_]], Any],
    batches: Iterable[Batch],
) -> float:
    """Return the mean of the losses of all items of all batches; losses at padding do not count.

    token_losses(tokens, mask) returns (batch_size, bucket) losses; it is called once for each batch.
    """
    total, n_items = 0.0, 0
    for batch in batches:
        losses = np.asarray(token_losses(batch.tokens, batch.mask))  # (batch_size, bucket)
        # Picked, not multiplied by the mask: 0 times NaN is NaN.
        total += float(losses[batch.mask].sum(dtype=np.float64))
        n_items += int(batch.mask.sum())
    # One division at the end. A mean of the batches' means would weigh the few items of the last batch too much.
    return total / n_items


def _int32(sequence: Items) -> NDArray[np.int32]:
    items = np.asarray(sequence)
    if items.size and items.dtype.kind not in "iu":  # NumPy makes floats of an empty list
        raise TypeError(f"items must be integers, got {items.dtype}")
    limits = np.iinfo(np.int32)
    if items.size and not limits.min <= items.min() <= items.max() <= limits.max:
        raise ValueError(f"items must fit into int32, got {items.min()} to {items.max()}")
    return items.astype(np.int32)


def _batch(members: list[tuple[int, NDArray[np.int32]]], bucket: int, batch_size: int) -> Batch:
    tokens = np.zeros((batch_size, bucket), dtype=np.int32)
    mask = np.zeros((batch_size, bucket), dtype=np.bool_)
    rows = np.full(batch_size, -1, dtype=np.int32)
    for row, (number, items) in enumerate(members):
        tokens[row, : len(items)] = items
        mask[row, : len(items)] = True
        rows[row] = number
    return Batch(tokens, mask, rows)


# Inside a compiled function the same loss is jnp.where(mask, losses, 0).sum() / mask.sum(): indexing by a mask has a
# shape that depends on the values, and is refused there. Real loaders also pack several short sequences into one row,
# and shuffle before they fill the buckets.
