"""The data of word2vec's skip-gram model: pairs of neighbours, and words that are none."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


def skip_gram_pairs(sentences: list[Ids], window: int, rng: np.random.Generator | None = None) -> Ids:
    """Return all pairs of a centre and a context as an (n, 2) array.

    sentences: 1-D arrays of word ids; -1 keeps its place, but is neither a centre nor a context.
    window: the largest distance of a context; with rng, each centre draws its own width from 1, 2, …, window.
    Raises ValueError when window is below 1.
    """
    raise NotImplementedError


def keep_probability(counts: NDArray[Any], t: float) -> Floats:
    """Return min(1, sqrt(t / f)) for each word, where f is its share of all counts; 1 for a count of 0."""
    raise NotImplementedError


def subsample(sentence: Ids, keep: Floats, rng: np.random.Generator) -> Ids:
    """Return the words of the sentence that are kept, each w with probability keep[w], and every -1."""
    raise NotImplementedError


def negative_samples(contexts: Ids, counts: NDArray[Any], k: int, rng: np.random.Generator) -> Ids:
    """Return k words for each context, (n, k), drawn by count to the power 3/4, never the context itself.

    Raises ValueError when a context is the only word with a count above 0.
    """
    raise NotImplementedError
