"""Hidden test of p023_tree_splitter."""

import math
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_equal,
    assert_faster,
    assert_raises,
    assert_type,
    calling,
    learner,
    no_warnings,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("tree_splitter")
Array = NDArray[Any]


def slow_impurity(labels: list[Any], criterion: str) -> float:
    shares = [c / len(labels) for c in Counter(labels).values()]
    if not labels:
        return 0.0
    if criterion == "gini":
        return 1.0 - math.fsum(p * p for p in shares)
    return math.fsum(-p * math.log2(p) for p in shares)


def slow_gain(labels: list[Any], goes_left: list[bool], criterion: str) -> float:
    left = [y for y, is_left in zip(labels, goes_left, strict=True) if is_left]
    right = [y for y, is_left in zip(labels, goes_left, strict=True) if not is_left]
    if not left or not right:
        return 0.0
    inside = len(left) * slow_impurity(left, criterion) + len(right) * slow_impurity(right, criterion)
    return slow_impurity(labels, criterion) - inside / len(labels)


def slow_best(X: Array, y: Array, criterion: str) -> tuple[int, float, float] | None:
    """Every feature and every midpoint in turn; only a clearly larger gain takes over."""
    labels, best = y.tolist(), None
    for feature, column in enumerate(X.T.astype(float).tolist()):
        values = sorted(set(column))
        for low, high in pairwise(values):
            threshold = (low + high) / 2
            found = slow_gain(labels, [v <= threshold for v in column], criterion)
            if found > (best[2] if best else 0.0) + 1e-12:
                best = (feature, threshold, found)
    return best


def compare(got: Any, expected: tuple[int, float, float] | None) -> None:
    """Look at a split part by part."""
    if expected is None:
        require(got is None, "no split gains anything here: best_split should give None", got=got, expected=None)
        return
    require(
        got is not None, "a split gains something here, best_split gave None", got=got, expected=Shown(str(expected))
    )
    is_split = isinstance(got, tuple) and len(got) == 3
    require(is_split, "best_split must give Split(feature, threshold, gain)", got=got)
    feature, threshold, found = got
    assert_type(feature, (int, np.integer), what="feature")
    assert_type(threshold, (int, float, np.number), what="threshold")
    assert_type(found, (float, np.floating), what="gain")
    shown = Shown(f"Split(feature={expected[0]}, threshold={expected[1]:g}, gain={expected[2]:.6g})")
    same = int(feature) == expected[0] and math.isclose(float(threshold), expected[1], rel_tol=1e-9, abs_tol=1e-9)
    tied = abs(float(found) - expected[2]) < 1e-9
    why = " of the same gain; the lowest feature, then the lowest threshold, is to win" if tied else ""
    require(same, f"best_split chose another split{why}", got=got, expected=shown)
    require(abs(float(found) - expected[2]) < 1e-9, "best_split tells another gain", got=got, expected=shown)


LABELS = [
    np.array([0, 0, 1, 1]),
    np.array([1, 1, 1]),
    np.array([0, 0, 0, 1]),
    np.array([-3, 7, 7, 100, -3, 0]),
    np.array(["cat", "dog", "cat", "bird"]),
    np.array([True, False, True]),
    np.array([2]),
]


def test_gini_of_labels() -> None:
    """gini is 1 minus the sum of the squared class shares, for labels of any kind; 0.0 for none at all."""
    for labels in LABELS:
        expected = slow_impurity(labels.tolist(), "gini")
        with unchanged(y=labels), no_warnings():
            got = work.gini(labels)
        assert_type(got, (int, float, np.number))
        assert_close(got, expected)
    with no_warnings():
        assert_close(work.gini(np.array([], dtype=int)), 0.0)


def test_entropy_of_labels() -> None:
    """entropy is minus the sum of p log2(p), in bits, for labels of any kind; 0.0 for none at all."""
    for labels in LABELS:
        expected = slow_impurity(labels.tolist(), "entropy")
        with unchanged(y=labels), no_warnings():
            got = work.entropy(labels)
        assert_type(got, (int, float, np.number))
        assert_close(got, expected)
    with no_warnings():
        assert_close(work.entropy(np.array([], dtype=int)), 0.0)


def test_children_count_by_their_size() -> None:
    """The gain weighs each child by its share of the rows."""
    y = np.array([0, 0, 1, 1])
    one_away = np.array([True, False, False, False])
    assert_close(work.gain(y.copy(), one_away.copy()), 0.5 - 0.75 * (1 - 5 / 9))
    for criterion in ("gini", "entropy"):
        for stream, n in enumerate([2, 5, 7, 128]):
            labels = rng(stream).integers(0, 4, n)
            left = rng(10 + stream).random(n) < 0.3
            left[0], left[-1] = True, False
            expected = slow_gain(labels.tolist(), left.tolist(), criterion)
            with unchanged(y=labels, goes_left=left), no_warnings():
                got = work.gain(labels, left, criterion)
            assert_type(got, (float, np.floating))
            assert_close(got, expected)


def test_an_empty_child_gains_nothing() -> None:
    """A split that sends all rows to one side gains 0.0, without a warning."""
    y = np.array(["a", "b", "b"])
    for criterion in ("gini", "entropy"):
        for side in (True, False):
            with no_warnings():
                got = work.gain(y.copy(), np.full(3, side), criterion)
            assert_type(got, (int, float, np.number))
            assert_close(got, 0.0)


def test_the_threshold_is_a_midpoint() -> None:
    """The threshold lies midway between two neighbouring values, and rows at or below it go left."""
    y = np.array([0, 0, 1, 1])
    compare(work.best_split(np.array([[1.0], [2.0], [7.0], [9.0]]), y.copy()), (0, 4.5, 0.5))
    compare(work.best_split(np.array([[9.0], [7.0], [2.0], [-1.0]]), y.copy()), (0, 4.5, 0.5))
    pixels = np.array([[250], [240], [200], [201]], dtype=np.uint8)
    compare(work.best_split(pixels, y.copy()), (0, 220.5, 0.5))
    signed = np.array([[-100], [-90], [100], [120]], dtype=np.int8)
    compare(work.best_split(signed, y.copy()), (0, 5.0, 0.5))


def test_equal_values_stay_together() -> None:
    """Rows with the same value are never parted, however their labels lie."""
    X = np.array([[1.0], [1.0], [1.0], [2.0], [2.0]])
    y = np.array([0, 0, 1, 1, 1])
    compare(work.best_split(X.copy(), y.copy()), slow_best(X, y, "gini"))
    for stream in range(12):
        X = rng(100 + stream).integers(0, 4, (9, 1))
        y = np.sort(rng(200 + stream).integers(0, 2, 9))
        expected = slow_best(X, y, "entropy")
        compare(work.best_split(X.copy(), y.copy(), "entropy"), expected)


def test_ties_go_to_the_first() -> None:
    """Of equally good splits the lowest feature wins, and in a feature the lowest threshold."""
    column = np.array([1.0, 2.0, 3.0, 4.0])
    y = np.array([0, 0, 1, 1])
    noise = np.array([1.0, 3.0, 2.0, 4.0])
    compare(work.best_split(np.column_stack([noise, column, column * 2]), y.copy()), (1, 2.5, 0.5))
    mirrored = np.array([[1.0], [2.0], [3.0], [4.0]])
    labels = np.array([0, 1, 1, 0])
    for criterion in ("gini", "entropy"):
        compare(work.best_split(mirrored.copy(), labels.copy(), criterion), slow_best(mirrored, labels, criterion))
    # Turned round or stretched, a column parts the rows alike: the gains agree up to rounding, which must not decide.
    for stream in range(30):
        column = rng(500 + stream).integers(0, 4, 7)
        y = rng(600 + stream).integers(0, 3, 7)
        X = np.column_stack([column, -column, 2 * column])
        for criterion in ("gini", "entropy"):
            expected = slow_best(X, y, criterion)
            compare(work.best_split(X.copy(), y.copy(), criterion), expected)


def test_nothing_to_gain_gives_none() -> None:
    """One row, one class, constant features, or questions that do not help give None, without a warning."""
    either = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    cases: list[tuple[Array, Array]] = [
        (np.array([[3.0, 1.0]]), np.array([1])),
        (np.array([[1.0], [2.0], [3.0]]), np.array(["a", "a", "a"])),
        (np.full((4, 2), 7), np.array([0, 1, 0, 1])),
        (either, np.array([0, 1, 1, 0])),
        (np.zeros((3, 0)), np.array([0, 1, 1])),
        # The same mixture on both sides: by rounding, a gain of 1e-16 may come out.
        (np.repeat([0.0, 1.0], [3, 6])[:, None], np.arange(9) % 3),
        (np.repeat([0.0, 1.0], [7, 14])[:, None], np.arange(21) % 7),
        (np.repeat([0.0, 1.0], [10, 30])[:, None], np.tile([0, 0, 0, 1, 1, 1, 1, 2, 2, 3], 4)),
    ]
    for X, y in cases:
        for criterion in ("gini", "entropy"):
            with no_warnings():
                got = work.best_split(X.copy(), y.copy(), criterion)
            compare(got, None)
    beside = np.column_stack([np.full(4, 7.0), [1.0, 2.0, 3.0, 4.0]])
    with no_warnings():
        compare(work.best_split(beside, np.array([0, 0, 0, 1])), (1, 3.5, 0.375))


def test_the_best_of_all_splits() -> None:
    """The split has the largest gain of all features and thresholds, by Gini and by entropy, with any labels."""
    kinds = [np.array([0, 1]), np.array([-5, 2, 900]), np.array(["x", "y", "z", "w"])]
    for stream, (n, d) in enumerate([(2, 1), (5, 3), (7, 2), (33, 3), (64, 2)]):
        X = rng(300 + stream).normal(size=(n, d)).round(1)
        for kind, names in enumerate(kinds):
            y = names[rng(400 + 10 * stream + kind).integers(0, len(names), n)]
            for criterion in ("gini", "entropy"):
                expected = slow_best(X, y, criterion)
                with unchanged(X=X, y=y), no_warnings():
                    got = work.best_split(X, y, criterion)
                compare(got, expected)
    wide = rng(350).normal(size=(20, 6))[::2, ::-2]
    y = np.arange(20)[::2] % 3
    expected = slow_best(wide, y, "gini")
    compare(work.best_split(wide, y), expected)


def one_walk(X: Array, y: Array) -> float:
    """The best gain by one walk over the sorted rows in plain Python: as much work as is needed, and no more."""
    rows = sorted(zip(X[:, 0].tolist(), y.tolist(), strict=True))
    left, right, n = [0, 0], [0, 0], len(rows)
    for _, label in rows:
        right[label] += 1
    whole, best = 1.0 - sum((c / n) ** 2 for c in right), 0.0
    for i, ((value, label), (following, _)) in enumerate(pairwise(rows), 1):
        left[label] += 1
        right[label] -= 1
        if value < following:
            inside = i - sum(c * c for c in left) / i + n - i - sum(c * c for c in right) / (n - i)
            best = max(best, whole - inside / n)
    return best


@timing
def test_cost_grows_like_sorting() -> None:
    """5,000 rows cost about what sorting them costs: no threshold has all labels counted again."""
    X, y = rng(40).normal(size=(5_000, 1)), rng(41).integers(0, 2, 5_000)
    with calling("best_split(X of shape (50, 1), y)"):
        assert_type(work.best_split(X[:50].copy(), y[:50].copy()), tuple)
    assert_faster(
        lambda: work.best_split(X.copy(), y.copy()),
        lambda: one_walk(X, y),
        at_least=1 / 8,
        message="far slower than sorting once and walking; are the labels counted anew for each threshold?",
        call="best_split(X of shape (5000, 1), y)",
    )


def test_bad_input_is_refused_by_name() -> None:
    """A bad X, y or criterion raises ValueError with a message that names it."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 1])
    cases = [
        ("X", np.arange(3.0), y),
        ("X", np.zeros((0, 2)), np.zeros(0)),
        ("X", np.array([[0.0], [np.nan], [1.0]]), y),
        ("y", X, y[:2]),
        ("y", X, y[:, None]),
    ]
    for name, one, other in cases:
        assert_raises(ValueError, work.best_split, one.copy(), other.copy(), mentions=name)
    for criterion in ("mse", "Gini", ""):
        assert_raises(ValueError, work.best_split, X.copy(), y.copy(), criterion, mentions="criterion")
        assert_raises(ValueError, work.gain, y.copy(), np.array([True, False, False]), criterion, mentions="criterion")
    # A wrong criterion is an error too where the answer would not depend on it.
    assert_raises(ValueError, work.gain, y.copy(), np.full(3, True), "mse", mentions="criterion")
    for labels in (np.array([1, 1, 1]), np.array(["a", "a", "a"])):
        assert_raises(ValueError, work.best_split, X.copy(), labels, "mse", mentions="criterion")
    assert_raises(ValueError, work.best_split, X[:1].copy(), y[:1].copy(), "mse", mentions="criterion")
    assert_raises(ValueError, work.best_split, np.full((3, 1), 7.0), y.copy(), "mse", mentions="criterion")
    assert_equal(work.best_split(X, y) is None, False, what="best_split of a good X and y being None")
