"""A recommender that starts with popularity, and blends in what a user has rated."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence


class ColdStart:
    """Popularity with damping, history by side features.

    features: item -> its side features; these items are the catalogue.
    damping: how many ratings of the mean each item starts with. blend: the history that counts half.
    """

    def __init__(self, features: Mapping[Hashable, Sequence[float]], damping: float = 5.0, blend: float = 3.0) -> None:
        raise NotImplementedError

    def fit(self, ratings: Sequence[tuple[Hashable, Hashable, float]]) -> ColdStart:
        """Learn from (user, item, rating), anew at each call, and return the recommender itself.

        Items that are not in the catalogue are left out. Raises ValueError for a rating that is NaN or infinite.
        """
        raise NotImplementedError

    def popularity(self, item: Hashable) -> float:
        """Return the damped mean of the item's ratings. Raises KeyError where it is not in the catalogue."""
        raise NotImplementedError

    def score(self, user: Hashable, item: Hashable) -> float:
        """Return popularity plus what the user's history says. Raises KeyError where item is not in the catalogue."""
        raise NotImplementedError

    def recommend(self, user: Hashable, k: int, diversity: float = 0.0) -> list[Hashable]:
        """Return the best k items that the user has not rated, best first; fewer where fewer are left.

        diversity: how much the highest similarity to the items picked before is worth, in units of the score.
        """
        raise NotImplementedError
