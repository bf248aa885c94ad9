"""packbits and views of bytes; the ones of a word by adding neighbouring groups of bits."""

import numpy as np


def _rows(words):
    if not isinstance(words, np.ndarray) or words.dtype != np.dtype("uint64"):
        raise TypeError("uint64 expected")
    return np.ascontiguousarray(words)


def pack(flags):
    k = flags.shape[1]
    whole = np.pad(flags != 0, ((0, 0), (0, -k % 64)))
    packed = np.ascontiguousarray(np.packbits(whole, axis=1, bitorder="little"))
    return packed.view("<u8").astype(np.uint64)


def unpack(words, k):
    words = _rows(words)
    if k > words.shape[1] * 64:
        raise ValueError(f"k = {k} is too large")
    return np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, bitorder="little", count=k) == 1


def popcount(words):
    return np.unpackbits(_rows(words).view(np.uint8), axis=1).sum(axis=1).astype(np.int64)


def _ones(x):
    x = x - ((x >> 1) & 0x5555555555555555)
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    return ((x * 0x0101010101010101) >> 56).astype(np.int64)


def hamming(a, b):
    a, b = _rows(a), _rows(b)
    if a.shape[1:] != b.shape[1:]:
        raise ValueError(f"{a.shape} and {b.shape} do not fit")
    return _ones(a[:, None, :] ^ b[None, :, :]).sum(axis=-1)
