"""Hidden test of p096_cold_start."""

from __future__ import annotations

import math
from typing import Any

from kata_runner.checking import (
    assert_close,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("cold_start")

Features = dict[str, list[float]]
Ratings = list[tuple[str, str, float]]

FILMS: Features = {"Alien": [1.0, 0.0], "Solaris": [1.0, 0.0], "Amelie": [0.0, 1.0], "Playtime": [0.0, 1.0]}
VOTES: Ratings = [("ann", "Alien", 5.0), ("ben", "Alien", 4.0), ("ann", "Amelie", 3.0)]


class Plain:
    """The definitions, one number after the other."""

    def __init__(self, features: Features, ratings: Ratings, damping: float = 5.0, blend: float = 3.0) -> None:
        self.features, self.damping, self.blend = features, damping, blend
        self.ratings = [r for r in ratings if r[1] in features]
        every = [rating for _, _, rating in self.ratings]
        self.mean = math.fsum(every) / len(every) if every else 0.0

    def popularity(self, item: str) -> float:
        votes = [rating for _, other, rating in self.ratings if other == item]
        if not votes:
            return self.mean
        return (math.fsum(votes) + self.damping * self.mean) / (len(votes) + self.damping)

    def similarity(self, a: str, b: str) -> float:
        x, y = self.features[a], self.features[b]
        lengths = math.hypot(*x) * math.hypot(*y)
        return math.fsum(p * q for p, q in zip(x, y, strict=True)) / lengths if lengths else 0.0

    def score(self, user: str, item: str) -> float:
        history = [(other, rating) for name, other, rating in self.ratings if name == user]
        n = len(history)
        if n == 0:
            return self.popularity(item)
        mean = math.fsum(self.similarity(item, other) * (rating - self.mean) for other, rating in history) / n
        return self.popularity(item) + n / (n + self.blend) * mean

    def recommend(self, user: str, k: int, diversity: float = 0.0) -> list[str]:
        rated = {item for name, item, _ in self.ratings if name == user}
        left = [item for item in self.features if item not in rated]
        scores = {item: self.score(user, item) for item in left}
        picked: list[str] = []
        while left and len(picked) < k:
            values = [
                scores[item] - diversity * max((self.similarity(item, other) for other in picked), default=0.0)
                for item in left
            ]
            picked.append(left.pop(values.index(max(values))))
        return picked


def made(features: Features, ratings: Ratings, **settings: float) -> Any:
    """The learner's recommender, fitted to copies."""
    shop = work.ColdStart({item: list(values) for item, values in features.items()}, **settings)
    got = shop.fit(list(ratings))
    require(got is shop, "fit must return the recommender itself; is `return self` missing?", got=got)
    return shop


def case(stream: int, n_items: int, n_users: int, n_ratings: int, n_features: int = 3) -> tuple[Features, Ratings]:
    """Items of which some are never rated; no two scores are equal by chance."""
    draw = rng(stream)
    names = [f"item{i}" for i in draw.permutation(n_items)]
    features = {name: draw.normal(0.3, 1.0, n_features).round(3).tolist() for name in names}
    pairs = draw.permutation(n_users * max(n_items - 2, 1))[:n_ratings]
    ratings = [(f"user{p % n_users}", names[p // n_users], float(draw.uniform(1.0, 5.0))) for p in pairs.tolist()]
    return features, ratings


CASES = [(0, 3, 2, 2), (1, 5, 3, 8), (2, 12, 4, 25)]


def test_popularity_is_damped() -> None:
    """1. Popularity is (sum of ratings + damping · μ) / (n + damping), with μ as the mean of all ratings."""
    for features, ratings in ((FILMS, VOTES), *(case(*c) for c in CASES)):
        for damping in (5.0, 1.0, 20.0):
            plain, shop = Plain(features, ratings, damping), made(features, ratings, damping=damping)
            for item in features:
                expected = plain.popularity(item)
                assert_close(shop.popularity(item), expected)


def test_history_is_blended_in() -> None:
    """3. A score is popularity plus w times what the history says, which grows as the history does."""
    one: Ratings = [("ann", "Alien", 5.0), ("ben", "Amelie", 3.0)]
    for features, ratings in ((FILMS, one), (FILMS, VOTES), *(case(10 + c[0], *c[1:]) for c in CASES)):
        for blend in (3.0, 0.5, 10.0):
            plain, shop = Plain(features, ratings, blend=blend), made(features, ratings, blend=blend)
            for user in sorted({name for name, _, _ in ratings}):
                for item in features:
                    expected = plain.score(user, item)
                    assert_close(shop.score(user, item), expected)


def test_users_without_history() -> None:
    """4. For a user without ratings a score is the popularity, and the most popular items are recommended."""
    rated: Ratings = [*VOTES, ("eve", "Playtime", 2.0), ("eve", "Solaris", 1.0)]
    for features, ratings in ((FILMS, rated), *(case(20 + c[0], *c[1:]) for c in CASES)):
        plain, shop = Plain(features, ratings), made(features, ratings)
        for item in features:
            expected = plain.popularity(item)
            assert_close(shop.score("nobody", item), expected)
    best = Plain(FILMS, rated).recommend("nobody", 2)
    assert_equal(made(FILMS, rated).recommend("nobody", 2), best)


def test_items_that_nobody_has_rated_take_part() -> None:
    """5. Items that nobody has rated are recommended like any other."""
    votes: Ratings = [("ann", "Amelie", 1.0), ("ben", "Alien", 2.0), ("eve", "Playtime", 5.0)]
    for k in (2, 3):
        expected = Plain(FILMS, votes).recommend("nobody", k)
        assert_equal(made(FILMS, votes).recommend("nobody", k), expected)


def test_nothing_is_recommended_again() -> None:
    """6. What the user has rated, liked or not, is not recommended, and nothing twice; fewer than k may be left."""
    features, ratings = case(40, 8, 2, 9)
    everything: Ratings = [("ann", item, 3.0) for item in FILMS]
    for table, votes, user in (
        (FILMS, VOTES, "ann"),
        (FILMS, VOTES, "ben"),
        (FILMS, everything, "ann"),
        (features, ratings, "user0"),
    ):
        left = {item for item in table if not any(name == user and other == item for name, other, _ in votes)}
        for k in (1, 2, len(left), len(table), 100):
            for diversity in (0.0, 0.7):
                got = made(table, votes).recommend(user, k, diversity=diversity)
                require(isinstance(got, list), "recommend must return a list", got=got)
                again = [item for item in got if item not in left]
                if again:
                    fail(f"{again[0]!r} is recommended, which the user has rated", got=got, expected=sorted(left))
                if len(set(got)) < len(got):
                    fail("an item is recommended twice", got=got)
                assert_equal(len(got), min(k, len(left)), what="the number of items that recommend returned")


def test_the_best_come_first() -> None:
    """5. recommend returns the k items of the highest score, highest first."""
    for features, ratings in (case(30 + c[0], *c[1:]) for c in CASES):
        plain = Plain(features, ratings)
        for user in sorted({name for name, _, _ in ratings}):
            for k in (1, 2, 4):
                expected = plain.recommend(user, k)
                assert_equal(made(features, ratings).recommend(user, k), expected)


def test_diversity() -> None:
    """7. Each pick has the highest score minus diversity times its highest similarity to what was picked before."""
    cases = [(FILMS, VOTES, ["nobody"])]
    for stream, n, f in ((0, 6, 2), (1, 15, 3)):
        features, ratings = case(50 + stream, n, 3, 2 * n, f)
        cases.append((features, ratings, sorted({name for name, _, _ in ratings})))
    for features, ratings, users in cases:
        plain = Plain(features, ratings)
        for user in users:
            for diversity in (1.0, 0.3, 5.0):
                for k in (2, 4, 6):
                    expected = plain.recommend(user, k, diversity)
                    assert_equal(made(features, ratings).recommend(user, k, diversity=diversity), expected)


edges()


def test_items_that_nobody_has_rated() -> None:
    """1. An item without ratings has popularity μ, also where damping is 0; without any ratings μ is 0."""
    for damping in (5.0, 0.0):
        shop = made(FILMS, VOTES, damping=damping)
        with no_warnings():
            for item in ("Solaris", "Playtime"):
                assert_close(shop.popularity(item), 4.0)
            assert_close(made(FILMS, [], damping=damping).popularity("Alien"), 0.0)
            assert_close(made(FILMS, [], damping=damping).score("ann", "Alien"), 0.0)


def test_new_items_take_part() -> None:
    """5. An item that nobody has rated comes first where it suits the user, and without any ratings, too."""
    votes: Ratings = [("ann", "Alien", 5.0), ("ben", "Amelie", 1.0), ("eve", "Playtime", 4.0)]
    expected = Plain(FILMS, votes).recommend("ann", 2)
    assert_equal(made(FILMS, votes).recommend("ann", 2), expected)
    nothing = list(FILMS)[:3]
    assert_equal(made(FILMS, []).recommend("ann", 3), nothing)


def test_ties_go_by_the_order_of_features() -> None:
    """5. Of items with equal scores the one that comes first in features is recommended first."""
    for stream in range(3):
        names = [f"item{i}" for i in rng(60 + stream).permutation(9)]
        features: Features = {name: [0.0, 1.0] if n % 2 else [1.0, 0.0] for n, name in enumerate(names)}
        votes: Ratings = [("ann", names[4], 3.0), ("ben", names[4], 5.0), ("ben", names[7], 1.0)]
        plain = Plain(features, votes)
        for user in ("nobody", "eve"):
            for diversity in (0.0, 2.0):
                expected = plain.recommend(user, 6, diversity)
                assert_equal(made(features, votes).recommend(user, 6, diversity=diversity), expected)


def test_units_of_features() -> None:
    """2. Similarity is a cosine: all features times 1e-9 or 1e9, or those of one item doubled, change no score."""
    features, ratings = case(70, 6, 2, 7)
    plain = Plain(features, ratings)
    for factor in (1e-9, 1e9):
        scaled = {item: [v * factor * (1 + n % 2) for v in values] for n, (item, values) in enumerate(features.items())}
        shop = made(scaled, ratings)
        for item in features:
            expected = plain.score("user0", item)
            assert_close(shop.score("user0", item), expected)
        order = plain.recommend("user0", 4, 0.8)
        assert_equal(shop.recommend("user0", 4, diversity=0.8), order)


def test_items_without_features() -> None:
    """2. An item with nothing but zeros is similar to nothing, without a warning: its score is its popularity."""
    features: Features = {"a": [0.0, 0.0], "b": [3.0, 4.0], "c": [0.0, 0.0], "d": [1.0, 0.0]}
    ratings: Ratings = [("ann", "b", 5.0), ("ann", "c", 1.0), ("ben", "d", 2.0), ("ben", "a", 4.0)]
    plain = Plain(features, ratings)
    with no_warnings():
        shop = made(features, ratings)
        for item in features:
            expected = plain.score("ann", item)
            assert_close(shop.score("ann", item), expected)
        order = plain.recommend("ann", 2, 0.5)
        assert_equal(shop.recommend("ann", 2, diversity=0.5), order)


def test_no_blend() -> None:
    """4. With a blend of 0 the history counts whole, and without a history a score is still the popularity."""
    plain, shop = Plain(FILMS, VOTES, blend=0.0), made(FILMS, VOTES, blend=0.0)
    with no_warnings():
        for user in ("nobody", "ann", "ben"):
            for item in FILMS:
                expected = plain.score(user, item)
                assert_close(shop.score(user, item), expected)


def test_ratings_of_unknown_items() -> None:
    """8. A rating of an item that is not in the catalogue counts in neither μ nor the user's history."""
    votes: Ratings = [*VOTES, ("ann", "Stalker", 1.0), ("eve", "Stalker", 1.0), ("ben", "Nostalghia", 2.0)]
    plain, shop = Plain(FILMS, votes), made(FILMS, votes)
    for user in ("eve", "ann", "ben"):
        for item in FILMS:
            expected = plain.score(user, item)
            assert_close(shop.score(user, item), expected)
        order = plain.recommend(user, 6)
        assert_equal(shop.recommend(user, 6), order)


def test_second_fit_starts_anew() -> None:
    """9. A second fit forgets the first, and two recommenders share nothing."""
    again: Ratings = [("ben", "Playtime", 2.0), ("eve", "Solaris", 5.0)]
    plain = Plain(FILMS, again)
    shop = made(FILMS, VOTES)
    shop.recommend("ann", 2, diversity=0.5)
    other = made(FILMS, VOTES)
    with calling("shop.fit(ratings), a second time, with other ratings"):
        shop.fit(list(again))
    for user in ("ann", "ben"):
        for item in FILMS:
            expected = plain.score(user, item)
            assert_close(shop.score(user, item), expected)
        order = plain.recommend(user, 4)
        assert_equal(shop.recommend(user, 4), order)
        first = Plain(FILMS, VOTES).recommend(user, 4)
        assert_equal(other.recommend(user, 4), first)


def test_recommending_changes_nothing() -> None:
    """9. recommend may be called again with the same result; features and ratings are left as they were."""
    features, ratings = case(80, 7, 3, 10)
    shop = work.ColdStart(features)
    with unchanged(features=features, ratings=ratings):
        shop.fit(ratings)
        expected = Plain(features, ratings).recommend("user1", 4, 0.5)
        for _ in range(2):
            assert_equal(shop.recommend("user1", 4, diversity=0.5), expected)
            shop.recommend("nobody", 9)


def test_items_out_of_the_catalogue_are_refused() -> None:
    """10. popularity and score raise KeyError for an item that is not in the catalogue, for any user."""
    shop = made(FILMS, [*VOTES, ("ann", "Stalker", 1.0)])
    for item in ("Stalker", "Nostalghia"):
        assert_raises(KeyError, shop.popularity, item)
        for user in ("ann", "nobody"):
            assert_raises(KeyError, shop.score, user, item)


def test_ratings_that_are_no_numbers_are_refused() -> None:
    """11. fit raises ValueError for a rating that is NaN or infinite, wherever it stands."""
    for bad in (math.nan, math.inf, -math.inf):
        for place in (0, 1, 3):
            votes = [*VOTES[:place], ("eve", "Solaris", bad), *VOTES[place:]]
            shop = work.ColdStart({item: list(values) for item, values in FILMS.items()})
            assert_raises(ValueError, shop.fit, votes)
