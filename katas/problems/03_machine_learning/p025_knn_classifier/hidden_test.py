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
    edges,
    learner,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("nearest_neighbours")
Array = NDArray[Any]


def plain_distances(X: Array, Q: Array) -> list[list[float]]:
    """Distance of each query to each row, one pair at a time."""
    rows, queries = X.astype(float).tolist(), Q.astype(float).tolist()
    return [[math.sqrt(sum((a - b) ** 2 for a, b in zip(q, x, strict=True))) for x in rows] for q in queries]


def plain_predict(X: Array, y: Array, Q: Array, k: int) -> list[Any]:
    """The vote, one query at a time."""
    winners = []
    for row in plain_distances(X, Q):
        votes = Counter(y.tolist()[i] for i in sorted(range(len(row)), key=row.__getitem__)[:k])
        winners.append(min(label for label, n in votes.items() if n == max(votes.values())))
    return winners


def fitted(k: int, X: Array, y: Array, **settings: int) -> Any:
    """The learner's model, fitted to copies."""
    model = work.KNNClassifier(k=k, **settings)
    got = model.fit(X.copy(), y.copy())
    require(got is model, "fit must return the model itself; is `return self` missing?", got=got)
    return model


def searched(model: Any, Q: Array, k: int) -> tuple[Array, Array]:
    """What kneighbors returns, taken apart."""
    got = model.kneighbors(Q)
    require(isinstance(got, tuple) and len(got) == 2, "kneighbors must return (distances, indices)", got=got)
    distances, indices = as_array(got[0], "distances"), as_array(got[1], "indices")
    assert_shape(distances, (len(Q), k), what="distances")
    assert_shape(indices, (len(Q), k), what="indices")
    assert_dtype(indices, "integer", what="indices")
    return distances, indices


def finds(model: Any, X: Array, Q: Array, k: int) -> None:
    """The model's neighbours of Q are right; equally far rows may come in any order."""
    table = plain_distances(X, Q)
    expected = [sorted(row)[:k] for row in table]
    distances, indices = searched(model, Q.copy(), k)
    assert_close(distances, expected, rtol=1e-6, atol=1e-6, what="distances")
    is_row = (indices >= 0) & (indices < len(X))
    require(bool(is_row.all()), "indices holds a number that is no row of X", got=indices)
    for row, found, near in zip(table, indices.tolist(), expected, strict=True):
        require(len(set(found)) == k, "indices names a row of X twice for one query", got=found)
        assert_close([row[i] for i in found], near, rtol=1e-6, atol=1e-6, what="the distances to the rows in indices")


def predicts(model: Any, Q: Array, expected: list[Any]) -> None:
    """The model's labels for Q are these."""
    got = as_array(model.predict(Q.copy()), "predict")
    assert_shape(got, (len(Q),), what="predict")
    assert_equal(got, expected, what="predict")


def selects(table: Array, k: int) -> None:
    """k_smallest finds the k smallest values of each row; any of equals may be the k-th."""
    expected = np.array([sorted(row)[:k] for row in table.tolist()])
    got = as_array(work.k_smallest(table.copy(), k))
    assert_shape(got, (len(table), k))
    assert_dtype(got, "integer")
    require(bool(((got >= 0) & (got < table.shape[1])).all()), "k_smallest returned an index outside the row", got=got)
    require(all(len(set(row)) == k for row in got.tolist()), "k_smallest returned an index twice in a row", got=got)
    assert_close(np.take_along_axis(table, got, axis=1), expected, what="the values at the indices of k_smallest")


def test_the_k_smallest_of_each_row() -> None:
    """k_smallest returns the indices of the k smallest values of each row, smallest first, for k from 1 to n."""
    for k in (1, 2, 3, 4):
        selects(np.array([[5.0, 1.0, 3.0, 2.0]]), k)
    selects(np.array([[2.0, 2.0, 1.0, 2.0], [7.0, 7.0, 7.0, 7.0]]), 3)
    for stream, (m, n, k) in enumerate([(1, 1, 1), (3, 127, 10), (128, 7, 7), (2, 5000, 1000)]):
        selects(rng(stream).normal(size=(m, n)), k)


@timing
def test_it_selects_instead_of_sorting() -> None:
    """k_smallest of wide rows takes at most half the time of np.argsort."""
    table = rng(10).random((2, 100_000))
    assert_faster(
        lambda: work.k_smallest(table, 5),
        lambda: np.argsort(table, axis=1),
        2,
        message="as slow as sorting the whole row; the k smallest can be selected without that",
    )


def test_neighbours_and_their_distances() -> None:
    """kneighbors returns the Euclidean distances and row numbers of the k nearest rows, nearest first."""
    X, y = np.array([[0.0, 0.0], [3.0, 4.0], [10.0, 0.0], [11.0, 0.0]]), np.array([0, 0, 1, 1])
    finds(fitted(2, X, y), X, np.array([[0.0, 0.0]]), 2)
    finds(fitted(4, X, y), X, np.array([[9.0, 1.0], [-1.0, 2.0]]), 4)
    for stream, (n, d, m, k) in enumerate([(1, 1, 1, 1), (7, 2, 3, 7), (60, 5, 33, 3), (300, 1, 2, 300)]):
        X, Q = rng(20 + stream).normal(size=(n, d)), rng(30 + stream).normal(size=(m, d))
        finds(fitted(k, X, np.zeros(n, dtype=int)), X, Q, k)


def test_most_votes_win() -> None:
    """predict returns the label of most neighbours, for integers of any sign and for strings."""
    X = np.array([[0.0], [1.0], [2.5], [10.0], [11.5], [14.0]])
    Q = np.array([[0.2], [12.0], [6.6], [2.0]])
    for labels in ([5, -2, 5, -2, -2, 5], ["fox", "owl", "fox", "owl", "owl", "fox"]):
        y = np.array(labels)
        for k in (1, 3, 5):
            predicts(fitted(k, X, y), Q, plain_predict(X, y, Q, k))


def test_a_tie_goes_to_the_smallest_label() -> None:
    """Where several labels have equally many votes, predict returns the smallest, not the nearest or first seen."""
    X, Q = np.array([[0.0], [1.0], [2.1], [3.3]]), np.array([[0.0]])
    for labels in ([9, 1, 9, 1], [1, 9, 9, 1], [9, 10, 10, 9], [3, 9, -4, 7], ["b", "a", "b", "a"]):
        y = np.array(labels)
        for k in (2, 4):
            predicts(fitted(k, X, y), Q, plain_predict(X, y, Q, k))


def test_wine_is_told_apart() -> None:
    """On scikit-learn's wine data, scaled, each prediction is the vote of the true neighbours."""
    from sklearn.datasets import load_wine

    wine = load_wine()
    X = (wine.data - wine.data.mean(axis=0)) / wine.data.std(axis=0)
    for split in (1, 2):
        order = rng(80 + split).permutation(len(X))
        train, test = order[:110], order[110:174]
        expected = plain_predict(X[train], wine.target[train], X[test], 7)
        predicts(fitted(7, X[train], wine.target[train]), X[test], expected)


@timing
def test_no_loop_over_pairs() -> None:
    """Finding neighbours is at least five times as fast as a Python loop over the pairs."""
    X, Q = rng(70).random((400, 4)), rng(71).random((64, 4))
    model = fitted(3, X, np.arange(400) % 2)
    assert_faster(lambda: model.kneighbors(Q), lambda: plain_distances(X, Q), 5)


def test_memory_is_bounded_by_the_chunk() -> None:
    """Besides X, Q and arrays of (m, k), at most five arrays as large as (chunk_size, n, d) are held."""
    # Such an array has 2.05 MB here; one of (m, n) has 19.2 MB.
    X, Q = rng(60).random((4000, 16)), rng(61).random((600, 16))
    model = fitted(3, X, np.arange(4000), chunk_size=4)
    assert_memory(lambda: model.kneighbors(Q), 12, what="kneighbors")
    assert_memory(lambda: model.predict(Q), 12, what="predict")
    # Here it has 0.26 MB, and so have the few arrays of (m, k) together. A table of neighbours by labels has 13 MB.
    X, Q = rng(62).random((8000, 1)), rng(63).random((12, 1))
    voters = fitted(400, X, np.arange(8000), chunk_size=4)
    assert_memory(lambda: voters.predict(Q), 4, what="predict")


edges()


def test_the_chunks_do_not_show() -> None:
    """Any chunk_size returns the same, whether it divides the number of queries or exceeds it."""
    few = np.array([[0.0], [1.0], [3.0]]), np.array([[0.0], [2.9], [1.1]]), np.array([7, 8, 9])
    more = rng(40).normal(size=(30, 3)), rng(41).normal(size=(7, 3)), rng(42).integers(0, 3, 30)
    for X, Q, y in (few, more):
        for chunk_size in (1, 2, 3, 7, 8, 1000):
            model = fitted(2, X, y, chunk_size=chunk_size)
            finds(model, X, Q, 2)
            predicts(model, Q, plain_predict(X, y, Q, 2))


def test_no_digits_are_lost() -> None:
    """Points around 1e8, float32 beside float64 and uint8 are measured exactly, a row from itself at 0."""
    far = np.array([[1e8], [1e8 + 1], [1e8 + 3]])
    one, pixels = np.array([[1e8]], dtype=np.float32), np.array([[3], [5], [250]], dtype=np.uint8)
    cases = [(far, far), (one, far), (far, one), (pixels, pixels), (pixels, np.array([[-20], [300]]))]
    for X, Q in cases:
        finds(fitted(len(X), X, np.arange(len(X))), X, Q, len(X))
    for X in (np.array([[1, 1], [7, 4], [5, 6]]), rng(50).normal(size=(9, 7)) * 100, rng(51).random((64, 5))):
        distances, _ = searched(fitted(1, X, np.arange(len(X))), X.copy(), 1)
        require(bool((distances == 0.0).all()), "a row is not at distance 0 from itself", got=distances)
        assert_dtype(distances, np.float64, what="distances")


def test_a_second_fit_replaces_the_first() -> None:
    """A second fit forgets the rows and the labels of the first."""
    model = fitted(1, np.array([[2.0]]), np.array([0]))
    predicts(model, np.array([[2.0]]), [0])
    model.fit(np.array([[2.0]]), np.array([1]))
    predicts(model, np.array([[2.0]]), [1])
    model = fitted(1, np.array([[0.0], [5.0], [9.0]]), np.array(["a", "b", "c"]))
    predicts(model, np.array([[0.4], [5.2]]), ["a", "b"])
    model.fit(np.array([[1.0], [2.0]]), np.array(["x", "y"]))
    predicts(model, np.array([[0.4], [5.2]]), ["x", "y"])


def test_inputs_stay_as_they_were() -> None:
    """distances, X, y and Q are left as they were."""
    X, y, Q = np.array([[4.0], [2.0], [9.0]]), np.array([3, 1, 2]), np.array([[8.0], [1.0]])
    table = rng(90).normal(size=(2, 6))
    with unchanged(distances=table):
        work.k_smallest(table, 2)
    model = work.KNNClassifier(k=2)
    with unchanged(X=X, y=y):
        model.fit(X, y)
    with unchanged(Q=Q):
        model.kneighbors(Q)
        model.predict(Q)


def test_bad_input_is_refused() -> None:
    """k below 1 or above n, NaN in X or Q, not one label for each row and other columns in Q raise ValueError."""
    X, y, Q = np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 1]), np.array([[0.0], [1.0]])
    nan = np.array([[0.0], [np.nan], [1.0]])
    three = np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 1.0], [2.0, 0.0, 2.0]])
    cases = [
        (4, 64, X, y, Q),
        (0, 64, X, y, Q),
        (-1, 64, X, y, Q),
        (1, 64, nan, y, Q),
        (1, 64, X, y, nan),
        (1, 1, X, y, nan),  # the NaN is not in the first chunk
        (1, 64, nan.astype(np.float32), y, Q),
        (1, 64, X, y, nan.astype(np.float32)),
        (1, 64, X, y[:2], Q),
        (1, 64, X, np.array([0, 1, 1, 0]), Q),
        (1, 64, three, y, Q),  # one column broadcasts against three
        (1, 64, X, y, three),
        (1, 64, three, y, three[:, :2]),
    ]
    for k, chunk_size, X, y, Q in cases:
        assert_raises(ValueError, build_fit_and_search, k, chunk_size, X, y, Q, call=shown(k, chunk_size, X, y, Q))


def build_fit_and_search(k: int, chunk_size: int, X: Array, y: Array, Q: Array) -> Any:
    return work.KNNClassifier(k=k, chunk_size=chunk_size).fit(X, y).kneighbors(Q)


def shown(k: int, chunk_size: int, X: Array, y: Array, Q: Array) -> str:
    tables = [f"np.array({a.tolist()}{', np.float32' if a.dtype == np.float32 else ''})" for a in (X, y, Q)]
    return f"KNNClassifier({k}, {chunk_size}).fit({tables[0]}, {tables[1]}).kneighbors({tables[2]})"
