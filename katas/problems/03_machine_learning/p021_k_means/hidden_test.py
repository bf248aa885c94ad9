"""Hidden test of p021_k_means."""

from itertools import combinations, permutations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("k_means")
Array = NDArray[Any]
PAIRS = np.array([[0.0], [2.0], [10.0], [12.0]])


class Fit(NamedTuple):
    """What a fitted model holds, looked at and found to be of the right kind."""

    model: Any
    centroids: Array
    labels: Array
    inertia: float


def plain_labels(X: Array, centroids: Array) -> list[int]:
    """Nearest centroid of each row, the lowest index on a tie, one number at a time."""
    centres, labels = centroids.tolist(), []
    for p in X.tolist():
        gaps = [sum((a - b) ** 2 for a, b in zip(p, c, strict=True)) for c in centres]
        labels.append(gaps.index(min(gaps)))
    return labels


def plain_means(X: Array, labels: list[int], centroids: Array) -> list[list[float]]:
    """Mean of the rows of each label; a label without rows keeps its centroid."""
    points, means = X.tolist(), []
    for j, old in enumerate(centroids.tolist()):
        own = [p for p, label in zip(points, labels, strict=True) if label == j]
        means.append([sum(column) / len(own) for column in zip(*own, strict=True)] if own else old)
    return means


def plain_inertia(X: Array, labels: list[int], centroids: Array) -> float:
    centres, pairs = centroids.tolist(), zip(X.tolist(), labels, strict=True)
    return float(sum((a - b) ** 2 for p, j in pairs for a, b in zip(p, centres[j], strict=True)))


def fitted(X: Array, k: int, **settings: int) -> Fit:
    """The learner's model, fitted to a copy of X."""
    model = work.KMeans(k=k, **settings)
    got = model.fit(X.copy())
    require(got is model, "fit must return the model itself; is `return self` missing?", got=got)
    return look_at(model, X, k)


def look_at(model: Any, X: Array, k: int) -> Fit:
    centroids = as_array(getattr(model, "centroids_", None), "centroids_")
    assert_shape(centroids, (k, X.shape[1]), what="centroids_")
    require(bool(np.isfinite(centroids).all()), "centroids_ holds NaN or infinity", got=centroids)
    labels = labelled(getattr(model, "labels_", None), len(X), k, "labels_")
    value = getattr(model, "inertia_", None)
    assert_type(value, (int, float, np.floating), what="inertia_")
    return Fit(model, centroids, labels, float(value))


def labelled(got: Any, n: int, k: int, what: str = "assign") -> Array:
    """Labels as they came, n integers from 0 to k - 1."""
    labels = as_array(got, what)
    assert_shape(labels, (n,), what=what)
    assert_dtype(labels, "integer", what=what)
    require(bool(((labels >= 0) & (labels < k)).all()), f"{what} holds a number outside 0 to {k - 1}", got=labels)
    return labels


def started(X: Array, k: int, generator: np.random.Generator) -> list[tuple[float, ...]]:
    """The rows of the learner's start, each of which must be a row of X."""
    start = as_array(work.plus_plus(X.copy(), k, generator), "plus_plus")
    assert_shape(start, (k, X.shape[1]), what="plus_plus")
    rows = [tuple(float(v) for v in row) for row in start]
    known = {tuple(float(v) for v in row) for row in X}
    for row in rows:
        require(row in known, "plus_plus returned a centroid that is no row of X", got=list(row))
    return rows


def test_each_point_goes_to_its_nearest_centroid() -> None:
    """assign returns the index of each point's nearest centroid, on a tie the lowest index."""
    X = np.array([[0.0, 0.0], [4.0, 1.0], [5.0, 5.0], [2.0, 0.0]])
    centres = np.array([[0.0, 0.0], [4.0, 0.0], [5.0, 4.0], [4.0, 0.0]])
    assert_equal(labelled(work.assign(X.copy(), centres.copy()), 4, 4), [0, 1, 2, 0])
    near_by_squares = np.array([[3.0, 3.0], [0.0, 5.0]])  # the other one is nearer by |a| + |b|
    assert_equal(labelled(work.assign(np.zeros((1, 2)), near_by_squares.copy()), 1, 2), [0])
    for n, k, d in [(1, 1, 1), (7, 3, 2), (127, 5, 4)]:
        points, seeds = rng(n).normal(size=(n, d)), rng(n + 1).normal(size=(k, d))
        assert_equal(labelled(work.assign(points.copy(), seeds.copy()), n, k), plain_labels(points, seeds))


def test_centroids_move_to_the_mean_of_their_points() -> None:
    """update returns the mean of each cluster's points."""
    X, old = np.array([[0.0, 0.0], [2.0, 4.0], [10.0, 1.0]]), np.array([[1.0, 1.0], [9.0, 9.0]])
    assert_close(work.update(X.copy(), np.array([0, 0, 1]), old.copy()), [[1.0, 2.0], [10.0, 1.0]])
    for n, k, d in [(1, 1, 1), (128, 3, 5)]:
        points, before = rng(n).normal(3.0, 2.0, (n, d)), rng(n + 1).normal(size=(k, d))
        labels = np.arange(n) % k
        expected = plain_means(points, labels.tolist(), before)
        assert_close(work.update(points.copy(), labels, before.copy()), expected)


def test_inertia_sums_squared_distances() -> None:
    """inertia returns the sum of squared distances to the centroids of the labels, neither root nor mean."""
    X, centres = np.array([[0.0, 0.0], [3.0, 4.0], [10.0, 1.0]]), np.array([[0.0, 0.0], [10.0, 3.0]])
    assert_close(work.inertia(X.copy(), np.array([0, 0, 1]), centres.copy()), 29.0)
    got = work.inertia(X.copy(), np.array([1, 0, 1]), centres.copy())  # the labels given, not the nearest
    assert_close(got, 109.0 + 25.0 + 4.0)
    assert_type(got, (int, float, np.floating))


def test_the_start_takes_different_rows_of_the_data() -> None:
    """The start is made of rows of X, all different as long as there are enough different rows."""
    X = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0], [5.0, 5.0]], [20, 1, 9, 1], axis=0)
    for s in range(12):
        rows = started(X, 4, rng(s))
        require(len(set(rows)) == 4, "four different points, k=4: one of them was chosen twice", got=rows)


def chances(line: list[float], k: int) -> dict[tuple[float, ...], float]:
    """The chance of each set of k points, by walking through every order in which they can be chosen."""
    found = dict.fromkeys(combinations(line, k), 0.0)
    for order in permutations(line, k):
        chance = 1 / len(line)
        for i in range(1, k):
            weights = {p: min((p - c) ** 2 for c in order[:i]) for p in line}
            chance *= weights[order[i]] / sum(weights.values())
        found[tuple(sorted(order))] += chance
    return found


def test_far_points_are_drawn_by_their_squared_distance() -> None:
    """A row is drawn with a chance proportional to its squared distance to the nearest centroid so far."""
    line = [0.0, 1.0, 3.0, 7.0]
    X = np.array(line)[:, None]
    n_draws = 800
    for k in (2, 3):
        expected, generator = chances(line, k), rng(40 + k)
        counts = dict.fromkeys(expected, 0)
        for _ in range(n_draws):
            key = tuple(sorted(row[0] for row in started(X, k, generator)))
            require(key in counts, "a point was chosen twice while others were free", got=list(key))
            counts[key] += 1
        for points, chance in expected.items():
            off = abs(counts[points] - n_draws * chance)
            if off > 5 * (n_draws * chance * (1 - chance)) ** 0.5 + 1:
                fail(
                    f"plus_plus starts from the points {list(points)} too often or too seldom",
                    got=Shown(f"{counts[points]} of {n_draws} starts"),
                    expected=Shown(f"about {n_draws * chance:.0f} of {n_draws}"),
                    call=f"plus_plus(np.array({X.tolist()}), {k}, rng), {n_draws} times",
                )


def test_the_same_seed_gives_the_same_result() -> None:
    """The same seed returns the same result, also on a second fit; other seeds start elsewhere."""
    one, two = np.array([[0.0], [0.0]]), np.array([[0.0], [9.0]])  # the first has the lower inertia
    again = look_at(fitted(one, 1).model.fit(two.copy()), two, 1)
    assert_close(again.inertia, 40.5, what="inertia_ of a second fit on other points")
    assert_close(again.centroids, [[4.5]], what="centroids_ of a second fit on other points")
    X = rng(8).uniform(size=(90, 2))
    assert_equal(started(X, 8, rng(3)), started(X, 8, rng(3)), what="plus_plus with an equal generator")
    first = fitted(X, 8, n_init=1, seed=0)
    again = fitted(X, 8, n_init=1, seed=0)
    assert_close(again.centroids, first.centroids.copy(), what="centroids_ of an equal model")
    kept = first.centroids.copy()
    first.model.fit(X.copy())
    assert_close(look_at(first.model, X, 8).centroids, kept, what="centroids_ of a second fit")
    ends = {round(fitted(X, 8, n_init=1, seed=s).inertia, 9) for s in range(1, 7)}
    require(len(ends) > 1, "six seeds and one start each ended six times alike; does the seed reach the start?")


def test_every_iteration_lowers_the_inertia_until_nothing_moves() -> None:
    """More iterations never raise the inertia, and fit ends where no label changes: each centroid is its mean."""
    X = rng(9).uniform(size=(150, 2))
    for s in (1, 2, 3):
        fits = [fitted(X, 7, n_init=1, max_iter=max_iter, seed=s) for max_iter in (1, 2, 3, 5, 300)]
        inertias = [plain_inertia(X, found.labels.tolist(), found.centroids) for found in fits]
        rises = np.diff(inertias) > 1e-9
        require(not rises.any(), "more iterations from the same start ended with a higher inertia", got=inertias)
        require(inertias[-1] < inertias[0] - 1e-9, "max_iter=1 and max_iter=300 ended in the same place", got=inertias)
        last, one = fits[-1], fits[0]
        resting = plain_means(X, last.labels.tolist(), last.centroids)
        assert_close(last.centroids, resting, what="centroids_ after the last iteration")
        moved = plain_means(X, plain_labels(X, one.centroids), one.centroids)
        require(not np.allclose(moved, one.centroids), "max_iter=1 must stop after one update; this went on")


def test_labels_and_inertia_belong_to_the_centroids() -> None:
    """labels_ is what assign returns for the final centroids_, and inertia_ is theirs, wherever the loop ended."""
    cases = [(PAIRS, 2, 300)] + [(rng(12).uniform(size=(60, 2)), 7, max_iter) for max_iter in (1, 2, 3)]
    for X, k, max_iter in cases:
        found = fitted(X, k, n_init=1, max_iter=max_iter)
        expected = plain_labels(X, found.centroids)
        assert_equal(found.labels, expected, what="labels_")
        assert_close(found.inertia, plain_inertia(X, expected, found.centroids), what="inertia_")


def test_the_best_of_several_starts_is_kept() -> None:
    """Of the n_init starts the one with the lowest inertia is kept."""
    centres = np.array([[x, y] for x in (0.0, 30.0, 60.0) for y in (0.0, 6.0)])
    truth = np.repeat(np.arange(6), 15)
    X = centres[truth] + rng(10).normal(0.0, 1.2, (90, 2))
    best = plain_inertia(X, truth.tolist(), np.array(plain_means(X, truth.tolist(), centres)))
    for s in range(6):
        found = fitted(X, 6, n_init=20, seed=s)
        reached = plain_inertia(X, found.labels.tolist(), found.centroids)
        if reached > 1.02 * best:
            expected = Shown(f"at most {1.02 * best:.1f}")
            fail("20 starts ended in a poor valley; is the best of them kept?", got=reached, expected=expected)


def test_as_good_as_scikit_learn() -> None:
    """On iris and wine the inertia is within 5 % of scikit-learn's."""
    from sklearn.cluster import KMeans as Library
    from sklearn.datasets import load_iris, load_wine

    wine = load_wine().data
    for name, X, k in (("iris", load_iris().data, 3), ("wine", (wine - wine.mean(axis=0)) / wine.std(axis=0), 4)):
        expected = Library(n_clusters=k, n_init=10, random_state=0).fit(X).inertia_
        for s in (0, 1):
            found = fitted(X, k, seed=s)
            reached = plain_inertia(X, found.labels.tolist(), found.centroids)
            message = f"on {name} the inertia is more than 5 % above scikit-learn's"
            require(reached <= 1.05 * expected, message, got=reached, expected=Shown(f"about {expected:.2f}"))


def test_new_points_are_labelled() -> None:
    """predict returns the labels of new points by the centroids that were learned."""
    for X, fresh, k in (
        (PAIRS, np.array([[9.0], [3.0]]), 2),
        (rng(13).normal(size=(40, 2)), rng(14).normal(size=(7, 2)), 3),
    ):
        found = fitted(X, k)
        expected = plain_labels(fresh, found.centroids)
        assert_equal(labelled(found.model.predict(fresh.copy()), len(fresh), k, "predict"), expected, what="predict")


edges()


def test_an_empty_cluster_keeps_its_centroid() -> None:
    """A cluster without points keeps its centroid, without a warning."""
    X, old = np.array([[0.0], [2.0]]), np.array([[5.0], [7.0], [1.0]])
    with no_warnings():
        got = work.update(X.copy(), np.array([0, 0]), old.copy())
    assert_close(got, [[1.0], [7.0], [1.0]])


def test_fewer_different_points_than_centroids() -> None:
    """Where points are fewer than k, or all equal, plus_plus takes any row, and fit ends at 0, without a warning."""
    for X in (np.full((3, 1), 3.5), np.repeat([[0.0, 1.0], [4.0, 1.0]], 3, axis=0)):
        with no_warnings():
            rows = started(X, 3, rng(1))
            found = fitted(X, 3, n_init=2)
        assert_equal(set(rows), {tuple(row) for row in X.tolist()}, what="the different rows of plus_plus")
        assert_close(found.inertia, 0.0, what="inertia_")


def test_points_far_from_the_origin_keep_their_digits() -> None:
    """Points around 1e8 are told apart as well as points around 0."""
    X, centres = np.array([[0.0], [1.0], [2.0], [3.0]]) + 1e8, np.array([[0.5], [2.5]]) + 1e8
    assert_equal(labelled(work.assign(X.copy(), centres.copy()), 4, 2), [0, 0, 1, 1])
    assert_close(work.inertia(X.copy(), np.array([0, 0, 1, 1]), centres.copy()), 1.0)
    for s in range(8):
        rows = started(X, 4, rng(s))
        require(len(set(rows)) == 4, "four different points, k=4: one of them was chosen twice", got=rows)
    assert_close(fitted(X, 2).inertia, 1.0, what="inertia_")


def test_integers_neither_wrap_around_nor_lose_their_fraction() -> None:
    """Integer data, uint8 too, are measured without wrap-around, and centroids keep their fractions."""
    nil, two = np.array([[0]], dtype=np.uint8), np.array([[16], [1]], dtype=np.uint8)  # in uint8, 16² is 0
    assert_equal(labelled(work.assign(nil.copy(), two.copy()), 1, 2), [1])
    assert_close(work.inertia(nil.copy(), np.array([0]), two[:1].copy()), 256.0)
    X, centres = np.array([[250], [3], [4], [251]], dtype=np.uint8), np.array([[255], [5]], dtype=np.uint8)
    labels = np.array([0, 1, 1, 0])
    assert_equal(labelled(work.assign(X.copy(), centres.copy()), 4, 2), labels)
    assert_close(work.update(X.copy(), labels, centres.copy()), [[250.5], [3.5]])
    assert_close(work.inertia(X.copy(), labels, centres.copy()), 25.0 + 4.0 + 1.0 + 16.0)
    far = np.array([[0], [16], [32]], dtype=np.uint8)
    for s in range(6):
        assert_equal(sorted(started(far, 3, rng(s))), [(0.0,), (16.0,), (32.0,)], what="plus_plus")
    assert_close(np.sort(fitted(X, 2).centroids[:, 0]), [3.5, 250.5], what="centroids_")


def test_the_end_does_not_depend_on_the_scale() -> None:
    """fit ends where no label changes for X far from the origin, and for X times 1e-9, too: no tolerance."""
    X = rng(9).uniform(size=(150, 2))
    for shift, scale in ((1e8, 1.0), (0.0, 1e-9)):
        found = fitted(shift + scale * X, 7, n_init=1, seed=1)
        near, centroids = (shift + scale * X - shift) / scale, (found.centroids - shift) / scale
        resting = plain_means(near, found.labels.tolist(), centroids)
        what = f"(centroids_ - {shift:g}) / {scale:g} after the last iteration"
        assert_close(centroids, resting, rtol=0.0, atol=1e-5, what=what)


def test_neighbouring_seeds_share_no_start() -> None:
    """All starts of a fit come from one generator: seed and seed + 1 share none of them."""
    X = rng(8).uniform(size=(90, 2))
    ends = [fitted(X, 8, n_init=1, seed=s).inertia for s in range(12)]
    # Where the next seed's first start is the better one, it would be the one that is kept of two.
    better = [s for s in range(11) if ends[s + 1] < ends[s] - 1e-9]
    shared = [abs(fitted(X, 8, n_init=2, seed=s).inertia - ends[s + 1]) < 1e-9 for s in better]
    message = "the second start of a seed is the first one of the next seed, whenever that is the better one"
    require(
        not better or not all(shared), message, call="KMeans(8, n_init=2, seed=s) and KMeans(8, n_init=1, seed=s + 1)"
    )


def test_inputs_stay_as_they_were() -> None:
    """X, labels and centroids are left as they were, and so is the global random state."""
    X, centroids, labels = PAIRS + 0.5, np.array([[1.0], [11.0]]), np.array([0, 0, 1, 1])
    with unchanged(X=X), global_random_state_kept():
        work.plus_plus(X, 2, rng(1))
    with unchanged(X=X, centroids=centroids):
        work.assign(X, centroids)
    with unchanged(X=X, centroids=centroids, labels=labels):
        work.update(X, labels, centroids)
    with unchanged(X=X, centroids=centroids, labels=labels):
        work.inertia(X, labels, centroids)
    model = work.KMeans(k=2)
    with unchanged(X=X), global_random_state_kept():
        model.fit(X)


def fit_anew(X: Array, k: int) -> Any:
    return work.KMeans(k=k).fit(X)


def test_bad_input_is_refused() -> None:
    """NaN or infinity in X, and a k below 1 or above the number of points, raise ValueError."""
    for bad in (np.nan, np.inf, -np.inf):
        X = np.array([[0.0], [bad], [1.0]])
        for k in (1, 2):
            assert_raises(ValueError, fit_anew, X, k, call=f"KMeans(k={k}).fit(np.array({X.tolist()}))")
    for k, X in ((2, np.array([[0.0, 1.0]])), (0, PAIRS), (-1, PAIRS), (5, PAIRS)):  # points are counted, not numbers
        assert_raises(ValueError, fit_anew, X.copy(), k, call=f"KMeans(k={k}).fit(np.array({X.tolist()}))")
