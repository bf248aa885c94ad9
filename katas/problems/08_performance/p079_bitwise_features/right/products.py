"""Sums of powers of two, and the distance by |a| + |b| - 2 |a and b|, from a matrix product."""

import numpy as np

POWERS = np.uint64(1) << np.arange(64, dtype=np.uint64)


def pack(flags):
    n, k = flags.shape
    w = (k + 63) // 64
    table = np.zeros((n, w, 64), dtype=np.uint64)
    table.reshape(n, w * 64)[:, :k] = flags.astype(bool)
    return (table * POWERS).sum(axis=-1, dtype=np.uint64)


def _bits(words):
    if words.dtype.type is not np.uint64:
        raise TypeError(words.dtype)
    return (words[..., None] & POWERS) != 0


def unpack(words, k):
    bits = _bits(words)
    if k > bits.shape[1] * 64:
        raise ValueError("too many flags")
    return bits.reshape(len(words), -1)[:, :k].copy()


def popcount(words):
    return np.count_nonzero(_bits(words), axis=(1, 2)).astype(np.int64)


def hamming(a, b):
    x, y = _bits(a).reshape(len(a), -1), _bits(b).reshape(len(b), -1)
    if x.shape[1] != y.shape[1]:
        raise ValueError("different numbers of words")
    x, y = x.astype(np.float64), y.astype(np.float64)
    counts = x.sum(axis=1)[:, None] + y.sum(axis=1) - 2 * (x @ y.T)
    return np.rint(counts).astype(np.int64)
