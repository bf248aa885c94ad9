"""The most probable sequences of a language model, by following a few beginnings at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Tokens = tuple[int, ...]


def beam_search(
    model: Callable[[Tokens], NDArray[np.float64]], end: int, width: int, max_length: int, alpha: float = 0.0
) -> list[tuple[Tokens, float]]:
    """Return the `width` best sequences found and their scores, log p / n ** alpha, the best first.

    model: called once for each live sequence, () at first; returns (V,) logarithms of probabilities, left unchanged.
    end: the token that finishes a sequence; n counts it. max_length: the largest number of tokens, with it.
    Each step keeps the `width` most probable extensions of all live sequences; finished ones are set aside.
    Raises ValueError for a width or max_length below 1.
    """
    raise NotImplementedError
