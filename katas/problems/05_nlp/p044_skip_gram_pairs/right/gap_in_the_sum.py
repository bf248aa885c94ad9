"""Windows by indexing; negatives in one draw, from a cumulative sum in which each row's context is skipped."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def skip_gram_pairs(
    sentences: list[NDArray[Any]], window: int, rng: np.random.Generator | None = None
) -> NDArray[Any]:
    if not window >= 1:
        raise ValueError(f"no window of {window}")
    found: list[NDArray[Any]] = []
    for sentence in sentences:
        place = np.flatnonzero(sentence >= 0)
        width = np.full(len(place), window)
        if rng is not None:
            width = rng.choice(np.arange(1, window + 1), size=len(place))
        distance = np.abs(place[:, None] - place)
        centre, context = np.nonzero((distance > 0) & (distance <= width[:, None]))
        found.append(np.stack([sentence[place[centre]], sentence[place[context]]], axis=1))
    return np.concatenate([np.zeros((0, 2), dtype=np.int64), *found])


def keep_probability(counts: NDArray[Any], t: float) -> NDArray[Any]:
    keep = np.ones(len(counts))
    np.divide(t * counts.sum(), counts, out=keep, where=counts > 0)
    return np.minimum(1, np.sqrt(keep)) * (counts > 0) + (counts == 0)


def subsample(sentence: NDArray[Any], keep: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    chance = np.append(keep, 1.0)[sentence]  # -1 is the last entry now
    return np.delete(sentence, np.flatnonzero(rng.uniform(size=sentence.shape) >= chance))


def negative_samples(contexts: NDArray[Any], counts: NDArray[Any], k: int, rng: np.random.Generator) -> NDArray[Any]:
    weights = np.power(counts.astype(float), 3 / 4)
    ends = np.cumsum(weights)
    room = ends[-1] - weights[contexts]
    if np.any(room <= 0):
        raise ValueError("no other word")
    drawn = rng.random((len(contexts), k)) * room[:, None]
    begins = np.concatenate([[0.0], ends])[contexts][:, None]
    drawn = np.where(drawn >= begins, drawn + weights[contexts][:, None], drawn)
    return np.searchsorted(ends, drawn, side="right")
