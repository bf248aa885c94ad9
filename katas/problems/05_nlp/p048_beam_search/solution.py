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
    if width < 1 or max_length < 1:
        raise ValueError(f"width and max_length must be at least 1, got {width} and {max_length}")
    live: list[tuple[Tokens, float]] = [((), 0.0)]
    finished: list[tuple[Tokens, float]] = []
    for _ in range(max_length):
        if not live:
            break
        # Products of thousands of probabilities underflow, sums of their logarithms do not.
        totals = np.stack([total + model(tokens) for tokens, total in live])  # (n, V)
        # All extensions compete at once: two may come from one sequence, and none from another. They are equally
        # long, so that alpha would not change their order.
        best = np.argsort(-totals, axis=None)[:width]
        kept = []
        for i, token in zip(*np.unravel_index(best, totals.shape), strict=True):
            if totals[i, token] > -np.inf:  # a narrow beam may have fewer possible extensions than places
                kept.append(((*live[i][0], int(token)), float(totals[i, token])))
        # Set aside, a finished sequence is neither extended nor pushed out by longer ones that look better so far.
        finished += [(tokens, total) for tokens, total in kept if tokens[-1] == end]
        live = [(tokens, total) for tokens, total in kept if tokens[-1] != end]
    # Every further token lowers the sum, so that sums prefer short sequences; only here do lengths differ.
    scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    return sorted(scored, key=lambda pair: pair[1], reverse=True)[:width]


# Libraries run all live sequences through the network as one batch and reorder its cached states to match. They also
# stop early: once no live sequence can beat the worst finished one, even if all its further tokens were certain.
