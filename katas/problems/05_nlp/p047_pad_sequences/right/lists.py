"""Rows are built as plain lists and become an array at the end."""
import numpy as np


def pad_sequences(sequences, max_length=None, *, padding="post", truncating="post", value=0, dtype=np.int64):
    if not {padding, truncating} <= {"pre", "post"}:
        raise ValueError("padding and truncating are 'pre' or 'post'")
    if max_length is None:
        max_length = max([len(s) for s in sequences] + [0])
    if max_length < 0:
        raise ValueError("max_length is below 0")
    rows, masks = [], []
    for sequence in sequences:
        items = list(sequence)
        while len(items) > max_length:
            items.pop(0 if truncating == "pre" else -1)
        if np.dtype(dtype).kind in "iu":
            if any(i != i or int(i) != i for i in items) or int(value) != value:
                raise ValueError("not an integer")
            items = [int(i) for i in items]
        fill = [value] * (max_length - len(items))
        real, empty = [True] * len(items), [False] * len(fill)
        rows.append(fill + items if padding == "pre" else items + fill)
        masks.append(empty + real if padding == "pre" else real + empty)
    shape = (len(sequences), max_length)
    return np.array(rows, dtype=dtype).reshape(shape), np.array(masks, dtype=bool).reshape(shape)
