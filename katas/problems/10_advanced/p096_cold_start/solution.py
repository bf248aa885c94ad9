"""A recommender that starts with popularity, and blends in what a user has rated."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

import numpy as np


class ColdStart:
    """Popularity with damping, history by side features.

    features: item -> its side features; these items are the catalogue.
    damping: how many ratings of the mean each item starts with. blend: the history that counts half.
    """

    def __init__(self, features: Mapping[Hashable, Sequence[float]], damping: float = 5.0, blend: float = 3.0) -> None:
        self.damping = damping
        self.blend = blend
        # Vectors of length 1, so that a product is a cosine. Only zeros stay zeros: they are similar to nothing.
        self._directions = {}
        for item, values in features.items():
            vector = np.array(values, dtype=np.float64)
            length = np.linalg.norm(vector)
            self._directions[item] = vector / length if length > 0 else vector

    def fit(self, ratings: Sequence[tuple[Hashable, Hashable, float]]) -> ColdStart:
        """Learn from (user, item, rating), anew at each call, and return the recommender itself.

        Items that are not in the catalogue are left out. Raises ValueError for a rating that is NaN or infinite.
        """
        self._histories: dict[Hashable, list[tuple[Hashable, float]]] = {}  # user -> (item, rating)
        self._votes: dict[Hashable, list[float]] = {item: [] for item in self._directions}
        for user, item, rating in ratings:
            # One NaN would reach every score by way of the mean.
            if not math.isfinite(rating):
                raise ValueError(f"the rating of {item!r} by {user!r} must be finite, got {rating}")
            if item in self._votes:
                self._votes[item].append(rating)
                self._histories.setdefault(user, []).append((item, rating))
        every = [rating for votes in self._votes.values() for rating in votes]
        self._mean = sum(every) / len(every) if every else 0.0
        return self

    def popularity(self, item: Hashable) -> float:
        """Return the damped mean of the item's ratings. Raises KeyError where it is not in the catalogue."""
        votes = self._votes[item]
        if not votes:
            return self._mean
        # As if `damping` more people had given the mean: few votes stay near it, and many carry it away.
        return (sum(votes) + self.damping * self._mean) / (len(votes) + self.damping)

    def score(self, user: Hashable, item: Hashable) -> float:
        """Return popularity plus what the user's history says. Raises KeyError where item is not in the catalogue."""
        history = self._histories.get(user, [])
        if not history:
            return self.popularity(item)
        # Likeness to what was rated above the mean lifts an item, likeness to what was rated below it lowers it.
        taste = sum(self._similarity(item, other) * (rating - self._mean) for other, rating in history)
        # w * mean = n / (n + blend) * taste / n
        return self.popularity(item) + taste / (len(history) + self.blend)

    def recommend(self, user: Hashable, k: int, diversity: float = 0.0) -> list[Hashable]:
        """Return the best k items that the user has not rated, best first; fewer where fewer are left.

        diversity: how much the highest similarity to the items picked before is worth, in units of the score.
        """
        rated = {item for item, _ in self._histories.get(user, [])}
        scores = {item: self.score(user, item) for item in self._votes if item not in rated}
        picked: list[Hashable] = []

        def value(item: Hashable) -> float:
            nearest = max((self._similarity(item, other) for other in picked), default=0.0)
            return scores[item] - diversity * nearest

        while scores and len(picked) < k:
            best = max(scores, key=value)  # the first of several, and dicts keep the order of features
            picked.append(best)
            del scores[best]
        return picked

    def _similarity(self, item: Hashable, other: Hashable) -> float:
        """Return the cosine between the features of two items."""
        return float(self._directions[item] @ self._directions[other])


# A shop with millions of items computes the scores as one product of matrices, and picks from the best few hundred
# alone. It also shows new items at random to some users (a bandit), since nobody rates what nobody sees.
