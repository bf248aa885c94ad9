"""Yes-or-no features as the bits of 64-bit words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

# The distance of each bit from the lowest. All is unsigned: in int64, bit 63 is the sign.
PLACES = np.arange(64, dtype=np.uint64)


def pack(flags: NDArray[Any]) -> Words:
    """Put flag j of each row into bit j % 64 of word j // 64; the bits beyond the last flag are 0.

    flags: (n, k) booleans, or integers of which all but 0 are a yes; left unchanged.
    Returns (n, w) uint64, w = k / 64 rounded up.
    """
    n, k = flags.shape
    w = -(-k // 64)  # rounded up
    padded = np.zeros((n, w * 64), dtype=bool)
    padded[:, :k] = flags  # into booleans: whatever is not 0 becomes True
    bits = padded.reshape(n, w, 64).astype(np.uint64) << PLACES  # (n, w, 64), each at its place
    words: Words = np.bitwise_or.reduce(bits, axis=2)
    return words


def unpack(words: Words, k: int) -> NDArray[np.bool_]:
    """Return the first k flags of each row: (n, k) booleans.

    words: (n, w) uint64, as from `pack`; left unchanged.
    Raises TypeError for another dtype, ValueError when k needs more than w words.
    """
    _check(words)
    n, w = words.shape
    if k > 64 * w:
        raise ValueError(f"{k} flags need more than {w} words")
    bits = (words[:, :, np.newaxis] >> PLACES) & np.uint64(1)  # (n, w, 64)
    return bits.reshape(n, 64 * w)[:, :k].astype(bool)


def popcount(words: Words) -> NDArray[np.int64]:
    """Count the ones in each row of words (n, w): (n,) int64. Raises TypeError for another dtype than uint64."""
    _check(words)
    # bitwise_count returns uint8, which could not hold the sum of many words.
    counts: NDArray[np.int64] = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return counts


def hamming(a: Words, b: Words) -> NDArray[np.int64]:
    """Count the bits in which row i of a (n, w) and row j of b (m, w) differ: (n, m) int64.

    Raises TypeError for another dtype than uint64, ValueError for different numbers of words.
    """
    _check(a)
    _check(b)
    # Broadcasting would compare a single word with each of the other's.
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"rows of {a.shape[1]} and of {b.shape[1]} words cannot be compared")
    differing = a[:, np.newaxis] ^ b  # (n, m, w); exclusive or leaves a one where two bits differ
    counts: NDArray[np.int64] = np.bitwise_count(differing).sum(axis=2, dtype=np.int64)
    return counts


def _check(words: Words) -> None:
    # A signed number is counted by its absolute value and shifted with its sign.
    if words.dtype != np.uint64:
        raise TypeError(f"words must be uint64, not {words.dtype}")


# In real life: np.packbits(flags, bitorder="little") packs eight flags into a byte in C, without the (n, w, 64) array
# on the way. FAISS's binary indexes compare such rows with the processor's own popcount, two rows at a time and
# without the (n, m, w) array.
