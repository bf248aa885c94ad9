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
    calling,
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


class Fit(NamedTuple):
    """What a fitted model holds, looked at and found to be of the right kind."""

    model: Any
    centroids: Array
    labels: Array
    inertia: float


def slow_labels(X: Array, centroids: Array) -> list[int]:
    """Nearest centroid of each row, the lowest index on a tie, one number at a time."""
    points, centres = X.tolist(), centroids.tolist()
    found = []
    for p in points:
        gaps = [sum((a - b) ** 2 for a, b in zip(p, c, strict=True)) for c in centres]
        found.append(gaps.index(min(gaps)))
    return found


def slow_means(X: Array, labels: list[int], centroids: Array) -> list[list[float]]:
    """Mean of the rows of each label; a label without rows keeps its centroid."""
    points = X.tolist()
    means = []
    for j, old in enumerate(centroids.tolist()):
        own = [p for p, label in zip(points, labels, strict=True) if label == j]
        means.append([sum(column) / len(own) for column in zip(*own, strict=True)] if own else old)
    return means


def slow_inertia(X: Array, labels: list[int], centroids: Array) -> float:
    points, centres = X.tolist(), centroids.tolist()
    pairs = zip(points, labels, strict=True)
    return float(sum((a - b) ** 2 for p, j in pairs for a, b in zip(p, centres[j], strict=True)))


def fit(X: Array, **settings: int) -> Fit:
    """Fit the learner's model on a copy of X and look at what it holds."""
    shown = ", ".join(f"{name}={value}" for name, value in settings.items())
    with calling(f"KMeans({shown}).fit(X of shape {X.shape})"):
        model = work.KMeans(**settings)
        method = getattr(model, "fit", None)
        require(callable(method), "KMeans(...) gave something without a method fit")
        given = X.copy()
        with unchanged(X=given):
            got = method(given)
        require(got is model, "fit must give the model itself; is `return self` missing?")
        centroids = as_array(getattr(model, "centroids_", None), "centroids_")
        assert_shape(centroids, (settings["k"], X.shape[1]), what="centroids_")
        assert_dtype(centroids, "floating", what="centroids_")
        require(bool(np.isfinite(centroids).all()), "centroids_ holds NaN or infinity", got=centroids)
        labels = checked_labels(getattr(model, "labels_", None), len(X), settings["k"], "labels_")
        value = getattr(model, "inertia_", None)
        assert_type(value, (int, float, np.floating), what="inertia_")
    return Fit(model, centroids, labels, float(value))


def checked_labels(got: Any, n: int, k: int, what: str) -> Array:
    labels = as_array(got, what)
    assert_shape(labels, (n,), what=what)
    assert_dtype(labels, "integer", what=what)
    require(bool(((labels >= 0) & (labels < k)).all()), f"{what} holds a number outside 0 to {k - 1}", got=labels)
    return labels


def checked_start(got: Any, X: Array, k: int) -> list[tuple[float, ...]]:
    """The rows of a start, each of which must be a row of X."""
    start = as_array(got, "plus_plus")
    assert_shape(start, (k, X.shape[1]), what="plus_plus")
    assert_dtype(start, "floating", what="plus_plus")
    rows = [tuple(float(v) for v in row) for row in start]
    known = {tuple(float(v) for v in row) for row in X}
    for row in rows:
        require(row in known, "plus_plus gave a centroid that is no row of X", got=list(row))
    return rows


def blobs(stream: int, centres: Array, n_each: int, spread: float) -> Array:
    noise = rng(stream).normal(0.0, spread, (len(centres) * n_each, centres.shape[1]))
    return np.repeat(centres, n_each, axis=0) + noise


def test_each_point_goes_to_its_nearest_centroid() -> None:
    """Each point gets the index of its nearest centroid, the lowest index on a tie; no points get no labels."""
    X = np.array([[0.0, 0.0], [4.0, 1.0], [5.0, 5.0], [2.0, 0.0]])
    centres = np.array([[0.0, 0.0], [4.0, 0.0], [5.0, 4.0], [4.0, 0.0]])
    assert_equal(checked_labels(work.assign(X, centres), 4, 4, "assign"), [0, 1, 2, 0])
    far_but_axis_near = np.array([[3.0, 3.0], [0.0, 5.0]])  # nearer by |a| + |b| is not nearer by squares
    assert_equal(checked_labels(work.assign(np.zeros((1, 2)), far_but_axis_near), 1, 2, "assign"), [0])
    assert_shape(work.assign(np.empty((0, 2)), centres), (0,))
    for n, k, d in [(1, 1, 1), (7, 3, 2), (127, 5, 4), (129, 2, 1)]:
        points, seeds = rng(n).normal(size=(n, d)), rng(n + 1).normal(size=(k, d))
        expected = slow_labels(points, seeds)
        with unchanged(X=points, centroids=seeds):
            got = work.assign(points[::1], seeds)
        assert_equal(checked_labels(got, n, k, "assign"), expected)


def test_points_far_from_the_origin_keep_their_digits() -> None:
    """Points around 1e8 are told apart as well as points around 0."""
    near = np.array([[0.0], [1.0], [2.0], [4.0], [5.0], [6.0]])
    seeds = np.array([[1.0], [5.0]])
    expected = slow_labels(near, seeds)
    assert_equal(checked_labels(work.assign(near + 1e8, seeds + 1e8), 6, 2, "assign"), expected)
    assert_close(work.inertia(near + 1e8, np.array(expected), seeds + 1e8), 4.0)
    starts = {tuple(sorted(checked_start(work.plus_plus(near + 1e8, 6, rng(s)), near + 1e8, 6))) for s in range(8)}
    require(len(starts) == 1 and len(set(next(iter(starts)))) == 6, "six points, k=6: each must be chosen once")
    got = fit(near + 1e8, k=2, seed=1)
    assert_close(got.inertia, 4.0, what="inertia_")


def test_integers_neither_wrap_around_nor_lose_their_fraction() -> None:
    """Integer data, uint8 too, are measured without wrap-around, and centroids keep their fractions."""
    X = np.array([[250, 3], [3, 3], [4, 4], [251, 4], [0, 0]], dtype=np.uint8)
    centres = np.array([[251, 5], [5, 5]], dtype=np.uint8)
    labels = np.array([0, 1, 1, 0, 1])
    assert_equal(checked_labels(work.assign(X, centres), 5, 2, "assign"), [0, 1, 1, 0, 1])
    means = work.update(X, labels, centres)
    assert_dtype(means, "floating")
    assert_close(means, [[250.5, 3.5], [7 / 3, 7 / 3]])
    assert_close(work.inertia(X, labels, centres), 5.0 + 1.0 + 8.0 + 2.0 + 50.0)
    far = np.array([[0], [16], [32]], dtype=np.uint8)  # in uint8, 16² and 32² are both 0
    for s in range(6):
        rows = checked_start(work.plus_plus(far, 3, rng(s)), far, 3)
        assert_equal(sorted(r[0] for r in rows), [0.0, 16.0, 32.0], what="plus_plus")
    assert_close(np.sort(fit(X, k=2).centroids[:, 0]), [7 / 3, 250.5], what="centroids_")


def test_centroids_move_to_the_mean_of_their_points() -> None:
    """Each centroid moves to the mean of its own points."""
    X = np.array([[0.0, 0.0], [2.0, 4.0], [10.0, 1.0]])
    old = np.array([[1.0, 1.0], [9.0, 9.0]])
    assert_close(work.update(X, np.array([0, 0, 1]), old), [[1.0, 2.0], [10.0, 1.0]])
    for n, k, d in [(1, 1, 1), (128, 3, 5), (7, 7, 2)]:
        points, before = rng(n).normal(3.0, 2.0, (n, d)), rng(n + 1).normal(size=(k, d))
        labels = rng(n + 2).integers(0, k, n)
        expected = slow_means(points, labels.tolist(), before)
        with unchanged(X=points, labels=labels, centroids=before):
            got = work.update(points, labels, before)
        assert_close(got, expected)


def test_an_empty_cluster_keeps_its_centroid() -> None:
    """A cluster without points keeps its centroid, and nothing becomes NaN or warns."""
    X = np.array([[0.0, 0.0], [2.0, 4.0], [10.0, 1.0]])
    old = np.array([[5.0, 5.0], [7.0, -7.0], [1.0, 1.0], [8.0, 8.0]])
    with no_warnings():
        got = work.update(X, np.array([0, 0, 2]), old)
    assert_close(got, [[1.0, 2.0], [7.0, -7.0], [10.0, 1.0], [8.0, 8.0]])
    for points in (np.full((6, 2), 3.5), np.repeat([[0.0, 1.0], [4.0, 1.0]], 3, axis=0)):
        with no_warnings():
            found = fit(points, k=4, n_init=2)
        assert_close(found.inertia, 0.0, what="inertia_")


def test_inertia_sums_squared_distances() -> None:
    """The inertia is the sum of squared distances to each point's own centroid, neither root nor mean."""
    X = np.array([[0.0, 0.0], [3.0, 4.0], [10.0, 1.0]])
    centres = np.array([[0.0, 0.0], [10.0, 3.0]])
    got = work.inertia(X, np.array([0, 0, 1]), centres)
    assert_type(got, (int, float, np.floating))
    assert_close(got, 29.0)
    assert_close(work.inertia(X, np.array([1, 0, 1]), centres), 109.0 + 25.0 + 4.0)  # the labels given, not the nearest
    points, seeds, labels = rng(5).normal(size=(129, 3)), rng(6).normal(size=(4, 3)), rng(7).integers(0, 4, 129)
    assert_close(work.inertia(points, labels, seeds), slow_inertia(points, labels.tolist(), seeds))


def test_the_start_takes_different_rows_of_the_data() -> None:
    """The start is made of rows of X, all different as long as there are enough different rows."""
    X = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0], [5.0, 5.0]], [20, 1, 9, 1], axis=0)
    for s in range(12):
        rows = checked_start(work.plus_plus(X, 4, rng(s)), X, 4)
        require(len(set(rows)) == 4, "four different points, k=4: one of them was chosen twice", got=rows)
    with no_warnings():
        got = work.plus_plus(X, 6, rng(1))
    require(set(checked_start(got, X, 6)) == {(0.0, 0.0), (1.0, 0.0), (0.0, 3.0), (5.0, 5.0)}, "a point is missing")
    given = X.copy()
    with unchanged(X=given):
        checked_start(work.plus_plus(given, 1, rng(2)), X, 1)


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
    n_draws = 1200
    for k in (1, 2, 3):
        expected = chances(line, k)
        generator = rng(40 + k)
        counts = dict.fromkeys(expected, 0)
        for _ in range(n_draws):
            rows = checked_start(work.plus_plus(X, k, generator), X, k)
            key = tuple(sorted(row[0] for row in rows))
            require(key in counts, "a point was chosen twice while others were free", got=list(key))
            counts[key] += 1
        for points, chance in expected.items():
            off = abs(counts[points] - n_draws * chance)
            if off > 5 * (n_draws * chance * (1 - chance)) ** 0.5 + 1:
                fail(
                    f"plus_plus starts from the points {list(points)} too often or too seldom",
                    got=Shown(f"{counts[points]} of {n_draws} starts"),
                    expected=Shown(f"about {n_draws * chance:.0f} of {n_draws}"),
                    call=f"plus_plus(X={X.tolist()}, k={k}, rng), {n_draws} times",
                )


def test_the_same_seed_gives_the_same_result() -> None:
    """The same seed gives the same result, also on a second fit; other seeds differ; global state stays untouched."""
    X = rng(8).uniform(size=(90, 2))
    with global_random_state_kept():
        first = fit(X, k=8, n_init=1, seed=0)
        again = fit(X, k=8, n_init=1, seed=0)
        start, same = (checked_start(work.plus_plus(X, 8, np.random.default_rng(3)), X, 8) for _ in range(2))
    assert_equal(same, start, what="plus_plus with an equal generator")
    assert_close(again.centroids, first.centroids, what="centroids_ of an equal model")
    second = Fit(first.model, first.centroids.copy(), first.labels.copy(), first.inertia)
    with calling("model.fit(X), a second time on the same model"):
        first.model.fit(X.copy())
        assert_close(as_array(first.model.centroids_, "centroids_"), second.centroids, what="centroids_")
        assert_equal(as_array(first.model.labels_, "labels_"), second.labels, what="labels_")
    ends = {round(fit(X, k=8, n_init=1, seed=s).inertia, 9) for s in range(1, 7)}
    require(len(ends) > 1, "six seeds and one start each gave six times the same end; does the seed reach the start?")


def test_every_iteration_lowers_the_inertia_until_nothing_moves() -> None:
    """More iterations never raise the inertia, and fit ends where no label changes: every centroid is its mean."""
    X = rng(9).uniform(size=(150, 2))
    for s in (1, 2, 3):
        inertias = []
        for max_iter in (1, 2, 3, 5, 300):
            found = fit(X, k=7, n_init=1, max_iter=max_iter, seed=s)
            assert_equal(found.labels, slow_labels(X, found.centroids), what="labels_")
            assert_close(found.inertia, slow_inertia(X, found.labels.tolist(), found.centroids), what="inertia_")
            inertias.append(found.inertia)
        rises = np.diff(inertias) > 1e-9
        require(not rises.any(), "more iterations from the same start ended with a higher inertia", got=inertias)
        require(inertias[-1] < inertias[0] - 1e-9, "max_iter=1 and max_iter=300 ended in the same place", got=inertias)
        resting = slow_means(X, found.labels.tolist(), found.centroids)
        assert_close(found.centroids, resting, what="centroids_ after the last iteration")
        one = fit(X, k=7, n_init=1, max_iter=1, seed=s)
        moved = slow_means(X, one.labels.tolist(), one.centroids)
        require(not np.allclose(moved, one.centroids), "max_iter=1 must stop after one update; this went on")
    # A tolerance in the place of "no label changes" ends too early where it is coarse beside the data.
    for data, shift, scale in (("1e8 + X (shown less 1e8)", 1e8, 1.0), ("X / 1e9 (shown times 1e9)", 0.0, 1e-9)):
        Y = shift + scale * X
        found = fit(Y, k=7, n_init=1, seed=1)
        near, centroids = (Y - shift) / scale, (found.centroids - shift) / scale
        resting = slow_means(near, found.labels.tolist(), centroids)
        what = f"centroids_ of {data} after the last iteration"
        assert_close(centroids, resting, rtol=0.0, atol=1e-5, what=what)


def test_the_best_of_several_starts_is_kept() -> None:
    """Of the n_init starts the one with the lowest inertia is kept."""
    centres = np.array([[x, y] for x in (0.0, 30.0, 60.0) for y in (0.0, 6.0)])
    X = blobs(10, centres, 15, 1.2)
    truth = np.repeat(np.arange(6), 15)
    best = slow_inertia(X, truth.tolist(), np.array(slow_means(X, truth.tolist(), centres)))
    for s in range(10):
        found = fit(X, k=6, n_init=20, seed=s)
        require(
            found.inertia <= 1.02 * best,
            "20 starts ended in a poor valley; is the best of them kept?",
            got=found.inertia,
            expected=Shown(f"at most {1.02 * best:.1f}"),
            call=f"KMeans(k=6, n_init=20, seed={s}).fit(X of shape {X.shape}).inertia_",
        )


def test_as_good_as_scikit_learn_and_ready_for_new_points() -> None:
    """On iris and wine the inertia is within 5 % of scikit-learn's, and predict labels new points."""
    from sklearn.cluster import KMeans as Library
    from sklearn.datasets import load_iris, load_wine

    wine = load_wine().data
    for name, X, k in (("iris", load_iris().data, 3), ("wine", (wine - wine.mean(axis=0)) / wine.std(axis=0), 4)):
        expected = Library(n_clusters=k, n_init=10, random_state=0).fit(X).inertia_
        for s in (0, 1):
            found = fit(X, k=k, seed=s)
            reached = slow_inertia(X, found.labels.tolist(), found.centroids)
            require(
                reached <= 1.05 * expected,
                f"on {name} the inertia is more than 5 % above scikit-learn's",
                got=reached,
                expected=Shown(f"about {expected:.2f}"),
            )
        fresh = rng(11).normal(X.mean(axis=0), X.std(axis=0), (129, X.shape[1]))
        wanted = slow_labels(fresh, found.centroids)
        method = getattr(found.model, "predict", None)
        require(callable(method), "KMeans has no method predict")
        with calling(f"KMeans(k={k}).fit(X).predict(X of shape {fresh.shape})"):
            assert_equal(checked_labels(method(fresh.copy()), 129, k, "predict"), wanted, what="predict")


def fit_plainly(X: Array, k: int) -> Any:
    model = work.KMeans(k=k)
    method = getattr(model, "fit", None)
    require(callable(method), "KMeans(...) gave something without a method fit")
    return method(X)


def test_bad_input_is_refused_by_name() -> None:
    """A bad X or k raises ValueError with a message that names it."""
    good = np.array([[0.0, 0.0], [1.0, 1.0], [4.0, 4.0]])
    cases: list[tuple[str, Array, int]] = [
        ("X", np.arange(5.0), 2),
        ("X", np.zeros((4, 2, 2)), 2),
        ("X", np.array([[0.0], [np.nan], [1.0]]), 2),
        ("X", np.array([[0.0], [np.inf], [1.0]]), 2),
        ("k", good, 0),
        ("k", good, -1),
        ("k", good, 4),
    ]
    for name, X, k in cases:
        assert_raises(ValueError, fit_plainly, X, k, mentions=name, call=f"KMeans(k={k}).fit({X.tolist()})")
    found = fit(good, k=3)
    assert_close(found.inertia, 0.0, what="inertia_ with one point a cluster")
