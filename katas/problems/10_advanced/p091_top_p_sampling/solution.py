"""The next token of a language model: temperature, top-k and top-p."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def probabilities(
    logits: NDArray[Any], temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0
) -> NDArray[np.float64]:
    """With which probability each token is drawn, (V,), from its logits, (V,), which are left unchanged.

    Divides by the temperature (0: the largest alone), keeps the top_k largest, then the fewest that have a sum of at
    least top_p. Raises ValueError for a negative temperature, a top_k below 1, and a top_p outside (0, 1].
    """
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, got {top_p}")
    if temperature == 0:
        temperature, top_k = 1.0, 1  # the limit: all the rest vanishes
    # From the largest to the smallest; a stable sort leaves equal ones in the order of their indices.
    order = np.argsort(-logits, kind="stable")  # (V,)
    ranked = logits[order].astype(np.float64)
    p = np.exp((ranked - ranked[0]) / temperature)  # minus the largest, so that nothing overflows
    if top_k is not None:
        p[top_k:] = 0.0
    p /= p.sum()
    if top_p < 1:  # with 1.0, rounding could make the sum reach 1 before the last tokens
        before = np.concatenate([[0.0], np.cumsum(p)[:-1]])  # what the tokens ranked higher have together
        p[before >= top_p] = 0.0
        p /= p.sum()
    result = np.empty(p.size)
    result[order] = p  # back to the order of the vocabulary
    return result


def sample(
    logits: NDArray[Any],
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> int:
    """The index of a token, drawn with these probabilities."""
    p = probabilities(logits, temperature, top_k, top_p)
    return int(rng.choice(p.size, p=p))


# Libraries set what is cut to -inf and leave the softmax to the end, so that filters can be chained: min-p, typical
# sampling, and penalties for repetition are others of this kind.
