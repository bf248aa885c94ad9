"""Yes-or-no features as the bits of 64-bit words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]


def pack(flags: NDArray[Any]) -> Words:
    """Put flag j of each row into bit j % 64 of word j // 64; the bits beyond the last flag are 0.

    flags: (n, k) booleans, or integers of which all but 0 are a yes; left unchanged.
    Returns (n, w) uint64, w = k / 64 rounded up.
    """
    raise NotImplementedError


def unpack(words: Words, k: int) -> NDArray[np.bool_]:
    """Return the first k flags of each row: (n, k) booleans.

    words: (n, w) uint64, as from `pack`; left unchanged.
    Raises TypeError for another dtype, ValueError when k needs more than w words.
    """
    raise NotImplementedError


def popcount(words: Words) -> NDArray[np.int64]:
    """Count the ones in each row of words (n, w): (n,) int64. Raises TypeError for another dtype than uint64."""
    raise NotImplementedError


def hamming(a: Words, b: Words) -> NDArray[np.int64]:
    """Count the bits in which row i of a (n, w) and row j of b (m, w) differ: (n, m) int64.

    Raises TypeError for another dtype than uint64, ValueError for different numbers of words.
    """
    raise NotImplementedError
