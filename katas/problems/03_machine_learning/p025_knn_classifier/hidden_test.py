"""Hidden test of p025_knn_classifier."""

import math
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_faster,
    assert_memory,
    assert_raises,
    assert_shape,
    calling,
    learner,
    no_warnings,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("nearest_neighbours")
Array = NDArray[Any]


def slow_distances(X: Array, Q: Array) -> list[list[float]]:
    """Distance of each query to each row, one pair at a time."""
    rows, queries = X.astype(float).tolist(), Q.astype(float).tolist()
    return [[math.sqrt(sum((a - b) ** 2 for a, b in zip(q, x, strict=True))) for x in rows] for q in queries]


def slow_predict(X: Array, y: Array, Q: Array, k: int) -> list[Any]:
    found = []
    for row in slow_distances(X, Q):
        nearest = sorted(range(len(row)), key=row.__getitem__)[:k]
        votes = Counter(y.tolist()[i] for i in nearest)
        found.append(min(label for label, n in votes.items() if n == max(votes.values())))
    return found


def fit(X: Array, y: Array, **settings: int) -> Any:
    shown = ", ".join(f"{name}={value}" for name, value in settings.items())
    with calling(f"KNNClassifier({shown}).fit(X of shape {X.shape}, y)"):
        model = work.KNNClassifier(**settings)
        with unchanged(X=X, y=y):
            got = model.fit(X, y)
        require(got is model, "fit must give the model itself; is `return self` missing?")
    return model


def neighbours(model: Any, X: Array, Q: Array, k: int) -> None:
    """The model's neighbours of Q are right; equally far rows may come in any order."""
    table = slow_distances(X, Q)
    expected = [sorted(row)[:k] for row in table]
    with calling(f"model.kneighbors({Q.tolist() if Q.size < 9 else f'Q of shape {Q.shape}'}), k={k}"):
        with unchanged(Q=Q), no_warnings():
            got = model.kneighbors(Q)
        require(isinstance(got, tuple) and len(got) == 2, "kneighbors must give (distances, indices)", got=got)
        distances, indices = as_array(got[0], "distances"), as_array(got[1], "indices")
        assert_shape(indices, (len(Q), k), what="indices")
        assert_dtype(indices, "integer", what="indices")
        assert_close(distances, np.array(expected).reshape(len(Q), k), what="distances")
        require(bool(((indices >= 0) & (indices < len(X))).all()), "indices holds a number that is no row of X")
        for row, found in zip(table, indices.tolist(), strict=True):
            require(len(set(found)) == k, "indices names the same row of X twice", got=found)
            assert_close([row[i] for i in found], sorted(row)[:k], what="distances to the rows named in indices")


def predicts(model: Any, Q: Array, expected: list[Any]) -> None:
    with calling(f"model.predict({Q.tolist() if Q.size < 9 else f'Q of shape {Q.shape}'})"):
        with unchanged(Q=Q):
            got = as_array(model.predict(Q), "predict")
        assert_shape(got, (len(Q),), what="predict")
        assert_equal(got, expected, what="predict")


def smallest(table: Array, k: int) -> None:
    expected = np.array([sorted(row)[:k] for row in table.tolist()])
    with unchanged(distances=table):
        got = as_array(work.k_smallest(table, k))
    assert_shape(got, (len(table), k))
    assert_dtype(got, "integer")
    require(bool(((got >= 0) & (got < table.shape[1])).all()), "k_smallest gave an index outside the row", got=got)
    require(all(len(set(row)) == k for row in got.tolist()), "k_smallest gave an index twice in a row", got=got)
    assert_close(np.take_along_axis(table, got, axis=1), expected, what="the values at the indices of k_smallest")


def test_the_k_smallest_of_each_row() -> None:
    """k_smallest gives the indices of the k smallest values of each row, smallest first, for k from 1 to n."""
    small = np.array([[5.0, 1.0, 3.0, 2.0], [0.5, 9.0, -1.0, 4.0]])
    for k in (1, 2, 3, 4):
        smallest(small, k)
    smallest(np.array([[2, 2, 1, 2], [7, 7, 7, 7]]), 3)
    for stream, (m, n, k) in enumerate([(1, 1, 1), (3, 127, 10), (128, 7, 7), (5, 1000, 3), (2, 5000, 1000)]):
        smallest(rng(stream).normal(size=(m, n)), k)
    smallest(rng(9).normal(size=(20, 14))[::2, ::-2], 4)


@timing
def test_it_selects_instead_of_sorting() -> None:
    """k_smallest of wide rows takes at most half the time of sorting them."""
    table = rng(10).random((2, 100_000))
    smallest(table, 5)
    assert_faster(
        lambda: work.k_smallest(table, 5),
        lambda: np.argsort(table, axis=1),
        2,
        message="as slow as sorting the whole row; the k smallest can be selected without that",
    )


def test_neighbours_and_their_distances() -> None:
    """kneighbors gives the Euclidean distances and row numbers of the k nearest rows, nearest first."""
    X = np.array([[0.0, 0.0], [3.0, 4.0], [10.0, 0.0], [11.0, 0.0]])
    y = np.array([0, 0, 1, 1])
    neighbours(fit(X, y, k=2), X, np.array([[0.0, 0.0]]), 2)
    neighbours(fit(X, y, k=4), X, np.array([[9.0, 1.0], [-1.0, 2.0]]), 4)
    for stream, (n, d, m, k) in enumerate([(1, 1, 1, 1), (7, 2, 3, 7), (60, 5, 65, 3)]):
        X, Q = rng(20 + stream).normal(size=(n, d)), rng(30 + stream).normal(size=(m, d))
        neighbours(fit(X, np.zeros(n, dtype=int), k=k), X, Q, k)


def test_the_chunks_do_not_show() -> None:
    """Any chunk_size gives the same result, whether it divides the number of queries or exceeds it, and so do views."""
    X, Q = rng(40).normal(size=(30, 3)), rng(41).normal(size=(14, 6))[::2, ::2]
    y = rng(42).integers(0, 3, 30)
    for chunk_size in (1, 2, 3, 7, 8, 1000):
        model = fit(X, y, k=4, chunk_size=chunk_size)
        neighbours(model, X, Q, 4)
        predicts(model, Q, slow_predict(X, y, Q, 4))
        with calling(f"model.kneighbors(no queries), k=4, chunk_size={chunk_size}"):
            got = model.kneighbors(np.empty((0, 3)))
            require(isinstance(got, tuple) and len(got) == 2, "kneighbors must give (distances, indices)", got=got)
            assert_shape(got[0], (0, 4), what="distances")
            assert_shape(got[1], (0, 4), what="indices")
            assert_shape(model.predict(np.empty((0, 3))), (0,), what="predict")


def test_no_digits_are_lost() -> None:
    """Points around 1e8 and uint8 values are measured exactly, and a row has distance 0 to itself."""
    near = np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 0.0], [7.0, 2.0]])
    y = np.array([0, 1, 1, 0])
    neighbours(fit(near + 1e8, y, k=3), near + 1e8, near[1:] + 1e8, 3)
    pixels = np.array([[250, 3], [3, 3], [4, 200], [0, 255]], dtype=np.uint8)
    model = fit(pixels, y, k=3)
    neighbours(model, pixels, pixels[::-1], 3)
    neighbours(model, pixels, np.array([[-20, 3], [300, 0]]), 3)
    odd = rng(50).normal(size=(9, 7)) * 100
    with calling("KNNClassifier(k=1).fit(X, y).kneighbors(X)"):
        got = fit(odd, np.arange(9), k=1).kneighbors(odd.copy())
        require(isinstance(got, tuple) and len(got) == 2, "kneighbors must give (distances, indices)", got=got)
        own = as_array(got[0], "distances")
        require(bool((own == 0.0).all()), "a row is not at distance 0 from itself", got=own)


def test_most_votes_win() -> None:
    """predict gives the label of most neighbours, for integers of any sign and strings alike."""
    X = np.array([[0.0], [1.0], [2.5], [10.0], [11.5], [14.0]])
    Q = np.array([[0.2], [12.0], [6.6], [2.0]])
    kinds = (np.array([5, -2, 5, -2, -2, 5]), np.array(["fox", "owl", "fox", "owl", "owl", "fox"]))
    for y in (*kinds, kinds[0].astype(np.int8), np.array([900, 7, 900, 40, 40, 40])):
        for k in (1, 3, 5):
            predicts(fit(X, y, k=k), Q, slow_predict(X, y, Q, k))


def test_a_tie_goes_to_the_smallest_label() -> None:
    """When several labels have equally many votes, the smallest of them is predicted, not the nearest or first seen."""
    X = np.array([[0.0], [1.0], [2.1], [3.3]])
    at_zero = np.array([[0.0]])
    for labels in ([9, 1, 9, 1], [1, 9, 9, 1], [3, 9, -4, 7], ["b", "a", "b", "a"], ["z", "y", "z", "x"]):
        y = np.array(labels)
        for k in (2, 4):
            predicts(fit(X, y, k=k), at_zero, slow_predict(X, y, at_zero, k))


def test_memory_is_bounded_by_the_chunk() -> None:
    """With 600 queries, 4,000 rows and chunk_size=4, kneighbors holds at most 12 MB, not a table over all queries."""
    X, Q = rng(60).random((4000, 16)), rng(61).random((600, 16))
    model = fit(X, np.arange(4000) % 3, k=3, chunk_size=4)
    with calling("KNNClassifier(k=3, chunk_size=4).fit(X (4000, 16), y).kneighbors(Q (600, 16))"):
        got = assert_memory(lambda: model.kneighbors(Q), 12, what="kneighbors")
        require(isinstance(got, tuple) and len(got) == 2, "kneighbors must give (distances, indices)", got=got)
        assert_shape(got[1], (600, 3), what="indices")
        assert_memory(lambda: model.predict(Q), 12, what="predict")


@timing
def test_no_loop_over_pairs() -> None:
    """Finding neighbours is at least five times as fast as a Python loop over the pairs."""
    X, Q = rng(70).random((400, 4)), rng(71).random((64, 4))
    model = fit(X, np.arange(400) % 2, k=3)
    neighbours(model, X, Q[:3], 3)
    with calling("KNNClassifier(k=3).fit(X (400, 4), y).kneighbors(Q (64, 4))"):
        assert_faster(lambda: model.kneighbors(Q), lambda: slow_distances(X, Q), 5)


def test_wine_is_told_apart() -> None:
    """On scikit-learn's wine data, scaled, every prediction is the vote of the true neighbours, and 85 % are right."""
    from sklearn.datasets import load_wine

    wine = load_wine()
    X = (wine.data - wine.data.mean(axis=0)) / wine.data.std(axis=0)
    for split in (1, 2):
        order = rng(80 + split).permutation(len(X))
        train, test = order[:110], order[110:]
        expected = slow_predict(X[train], wine.target[train], X[test], 7)
        model = fit(X[train], wine.target[train], k=7)
        predicts(model, X[test], expected)
        with calling("model.predict(unseen wines)"):
            accuracy = float(np.mean(as_array(model.predict(X[test])) == wine.target[test]))
        require(accuracy > 0.85, "the neighbours of scaled wines tell their kind", got=accuracy)


def test_a_second_fit_replaces_the_first() -> None:
    """A second fit forgets the first, and the model does not change with the caller's arrays."""
    X, y = np.array([[0.0], [5.0], [9.0]]), np.array(["a", "b", "c"])
    model = fit(X, y, k=1)
    X[:], y[:] = 100.0, "c"
    predicts(model, np.array([[0.4], [5.2]]), ["a", "b"])
    with calling("model.fit([[1.0], [2.0]], ['x', 'y']), a second time on the same model"):
        model.fit(np.array([[1.0], [2.0]]), np.array(["x", "y"]))
    predicts(model, np.array([[0.4], [5.2]]), ["x", "y"])


def build_and_fit(X: Array, y: Array, settings: dict[str, int]) -> Any:
    return work.KNNClassifier(**settings).fit(X, y)


def test_bad_input_is_refused_by_name() -> None:
    """A bad X, y, k (k > n too), chunk_size or Q raises ValueError with a message that names it."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 1])
    cases: list[tuple[str, Array, Array, dict[str, int]]] = [
        ("X", np.arange(3.0), y, {"k": 1}),
        ("X", np.zeros((0, 2)), np.zeros(0), {"k": 1}),
        ("X", np.array([[0.0], [np.nan], [1.0]]), y, {"k": 1}),
        ("y", X, y[:2], {"k": 1}),
        ("y", X, y[:, None], {"k": 1}),
        ("k", X, y, {"k": 4}),
        ("k", X, y, {"k": 0}),
        ("k", X, y, {"k": -1}),
        ("chunk_size", X, y, {"k": 1, "chunk_size": 0}),
    ]
    for name, one, other, settings in cases:
        shown = ", ".join(f"{key}={value}" for key, value in settings.items())
        call = f"KNNClassifier({shown}).fit(X={one.tolist()}, y={other.tolist()})"
        assert_raises(ValueError, build_and_fit, one, other, settings, mentions=name, call=call)
    model = fit(X, y, k=3)
    for Q in (np.zeros(3), np.zeros((2, 2)), np.array([[np.nan]])):
        for method in ("kneighbors", "predict"):
            with calling(f"model.{method}({Q.tolist()}), fitted to X of shape (3, 1)"):
                assert_raises(ValueError, getattr(model, method), Q, mentions="Q")
