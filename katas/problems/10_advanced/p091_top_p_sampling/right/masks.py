"""Filters that set logits to -inf, one after the other, as libraries have them; drawn by the inverse of the sums."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def probabilities(
    logits: NDArray[Any], temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0
) -> NDArray[np.float64]:
    """With which probability each token is drawn."""
    if temperature < 0 or (top_k is not None and top_k <= 0) or top_p <= 0 or top_p > 1:
        raise ValueError("a setting is out of its range")
    scores = np.array(logits, dtype=np.float64)
    if temperature == 0:
        greedy = np.zeros(len(scores))
        greedy[np.argmax(scores)] = 1.0
        return greedy
    scores = scores / temperature
    ranking = sorted(range(len(scores)), key=lambda token: (-scores[token], token))
    if top_k is not None:
        scores[ranking[top_k:]] = -np.inf
    if top_p < 1:
        p, total = _softmax(scores), 0.0
        for token in ranking:
            if total >= top_p:
                scores[token] = -np.inf
            total += p[token]
    return _softmax(scores)


def sample(
    logits: NDArray[Any],
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> int:
    """The index of a token."""
    tokens = np.flatnonzero(p := probabilities(logits, temperature, top_k, top_p))
    place = int(np.searchsorted(np.cumsum(p[tokens]), rng.random(), side="right"))
    return int(tokens[min(place, len(tokens) - 1)])


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares
