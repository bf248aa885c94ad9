"""Plain loops, one place after the other; negatives by searching the cumulative sum."""

from __future__ import annotations

import math

import numpy as np


def skip_gram_pairs(sentences, window, rng=None):
    if window < 1:
        raise ValueError("window")
    rows = []
    for sentence in sentences:
        words = sentence.tolist()
        for i, centre in enumerate(words):
            if centre == -1:
                continue
            width = int(rng.integers(window)) + 1 if rng is not None else window
            for j in range(max(0, i - width), min(len(words), i + width + 1)):
                if j != i and words[j] != -1:
                    rows.append((centre, words[j]))
    return np.array(rows, dtype=int).reshape(-1, 2)


def keep_probability(counts, t):
    total = int(counts.sum())
    return np.array([min(1.0, math.sqrt(t * total / count)) if count else 1.0 for count in counts.tolist()])


def subsample(sentence, keep, rng):
    kept = [word for word in sentence.tolist() if word == -1 or rng.random() < keep[word]]
    return np.array(kept, dtype=sentence.dtype)


def negative_samples(contexts, counts, k, rng):
    cumulative = np.cumsum(counts**0.75)
    rows = np.empty((len(contexts), k), dtype=np.int32)
    for i, context in enumerate(contexts.tolist()):
        if counts[context] > 0 and counts.sum() == counts[context]:
            raise ValueError("nothing else to draw")
        drawn: list[int] = []
        while len(drawn) < k:
            word = int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))
            if word != context:
                drawn.append(word)
        rows[i] = drawn
    return rows
