"""The mask comes first, from the lengths alone; all items are then written through it at once."""
import numpy as np


def pad_sequences(sequences, max_length=None, *, padding="post", truncating="post", value=0, dtype=np.int64):
    assert_side(padding)
    assert_side(truncating)
    lengths = np.array([len(s) for s in sequences], dtype=int)
    if max_length is None:
        max_length = lengths.max(initial=0)
    if max_length < 0:
        raise ValueError("max_length")
    kept = np.minimum(lengths, max_length)
    columns = np.arange(max_length)
    if padding == "pre":
        columns = columns[::-1]
    mask = columns[None, :] < kept[:, None]
    items = []
    for s, n in zip(sequences, kept.tolist()):
        items.extend(list(s[:n]) if truncating == "post" else list(s[len(s) - n :]))
    batch = np.empty(mask.shape, dtype=dtype)
    whole = np.issubdtype(dtype, np.integer)
    if not mask.all():
        batch[~mask] = int_of(value, dtype) if whole else value
    batch[mask] = [int_of(i, dtype) for i in items] if whole else items
    return batch, mask


def assert_side(side):
    if side != "pre" and side != "post":
        raise ValueError(side)


def int_of(number, dtype):
    """int refuses NaN by itself."""
    whole = int(number)
    limits = np.iinfo(dtype)
    if whole != number or not limits.min <= whole <= limits.max:
        raise ValueError(number)
    return whole
