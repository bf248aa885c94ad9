"""In plain loops, with a list for each row."""

from typing import NamedTuple

import numpy as np


class Batch(NamedTuple):
    tokens: np.ndarray
    mask: np.ndarray
    rows: np.ndarray


def buckets_up_to(longest, smallest=8):
    sizes = (smallest,)
    while sizes[-1] < longest:
        sizes += (sizes[-1] * 2,)
    return sizes


def ready_batches(sequences, buckets, batch_size):
    def built(group, bucket):
        rows = [number for number, _ in group]
        tokens = [items + [0] * (bucket - len(items)) for _, items in group]
        mask = [[True] * len(items) + [False] * (bucket - len(items)) for _, items in group]
        while len(rows) < batch_size:
            rows.append(-1)
            tokens.append([0] * bucket)
            mask.append([False] * bucket)
        return Batch(np.array(tokens, np.int32), np.array(mask, bool), np.array(rows, np.int32))

    groups = [[] for _ in buckets]
    for number, sequence in enumerate(sequences):
        items = []
        for item in sequence:
            if not isinstance(item, (int, np.integer)):
                raise ValueError(f"{item!r} is not an integer")
            items.append(int(item))
            np.int32(items[-1])
            if not -(2**31) <= items[-1] < 2**31:
                raise OverflowError(f"{item} does not fit into int32")
        for group, bucket in zip(groups, buckets, strict=True):
            if len(items) <= bucket:
                group.append((number, items))
                if len(group) == batch_size:
                    yield built(group, bucket)
                    group.clear()
                break
        else:
            raise ValueError(f"sequence {number} is too long")
    for group, bucket in zip(groups, buckets, strict=True):
        if group:
            yield built(group, bucket)


def mean_loss(token_losses, batches):
    losses = []
    for batch in batches:
        values = np.asarray(token_losses(batch.tokens, batch.mask), dtype=np.float64)
        losses.extend(values[i, j] for i, j in zip(*np.nonzero(batch.mask), strict=True))
    return float(np.mean(losses))
