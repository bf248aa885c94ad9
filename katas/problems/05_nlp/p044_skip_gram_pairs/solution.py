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
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    pairs: list[Ids] = [np.empty((0, 2), dtype=np.int64)]
    for sentence in sentences:
        n = len(sentence)
        # The end is excluded by integers(), and the widest window has to come too.
        widths = np.full(n, window) if rng is None else rng.integers(1, window + 1, size=n)
        for distance in range(1, min(window, n - 1) + 1):
            left, right = sentence[:-distance], sentence[distance:]  # all words that stand so far apart
            known = (left >= 0) & (right >= 0)
            # Each of the two is a centre once, and its own width decides whether it sees the other.
            from_left = known & (distance <= widths[:-distance])
            from_right = known & (distance <= widths[distance:])
            pairs.append(np.column_stack((left, right))[from_left])
            pairs.append(np.column_stack((right, left))[from_right])
    return np.concatenate(pairs)


def keep_probability(counts: NDArray[Any], t: float) -> Floats:
    """Return min(1, sqrt(t / f)) for each word, where f is its share of all counts; 1 for a count of 0."""
    share = counts / counts.sum()
    # A share of t or less is always kept. Raised to t, it gives 1, and nothing is divided by 0.
    return np.asarray(np.sqrt(t / np.maximum(share, t)))


def subsample(sentence: Ids, keep: Floats, rng: np.random.Generator) -> Ids:
    """Return the words of the sentence that are kept, each w with probability keep[w], and every -1."""
    # keep[-1] would be the probability of the last word of the vocabulary, so -1 is asked for by itself.
    is_kept = (sentence < 0) | (rng.random(len(sentence)) < keep[sentence])
    return sentence[is_kept]


def negative_samples(contexts: Ids, counts: NDArray[Any], k: int, rng: np.random.Generator) -> Ids:
    """Return k words for each context, (n, k), drawn by count to the power 3/4, never the context itself.

    Raises ValueError when a context is the only word with a count above 0.
    """
    used = np.flatnonzero(counts)
    if len(used) == 1 and used[0] in contexts:
        raise ValueError("counts must hold another word to draw than the context")  # or the loop would never end
    # 1 is how often words occur, 0 would be uniform. 3/4 lies between: rare words come more often than in the text.
    weights = counts**0.75
    p = weights / weights.sum()
    negatives = rng.choice(len(p), size=(len(contexts), k), p=p)
    # Drawing again until it fits leaves the other words their proportions. Taking the next id would not.
    while (clash := negatives == contexts[:, np.newaxis]).any():
        negatives[clash] = rng.choice(len(p), size=clash.sum(), p=p)
    return negatives


# word2vec.c draws from a table of 100 million entries in which each word takes the room of its probability, and skips
# a negative that is the context, so that a pair may have fewer than k. gensim searches the cumulative sum instead.
