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
    assert_faster,
    assert_raises,
    assert_type,
    calling,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("tree_splitter")
Array = NDArray[Any]
CRITERIA = ("gini", "entropy")


def slow_impurity(labels: list[Any], criterion: str) -> float:
    shares = [c / len(labels) for c in Counter(labels).values()]
    if criterion == "gini":
        return 1.0 - math.fsum(p * p for p in shares)
    return math.fsum(-p * math.log2(p) for p in shares)


def slow_gain(labels: list[Any], goes_left: list[bool], criterion: str) -> float:
    """The gain of a split with two children that both hold rows."""
    left = [y for y, is_left in zip(labels, goes_left, strict=True) if is_left]
    right = [y for y, is_left in zip(labels, goes_left, strict=True) if not is_left]
    inside = len(left) * slow_impurity(left, criterion) + len(right) * slow_impurity(right, criterion)
    return slow_impurity(labels, criterion) - inside / len(labels)


def slow_splits(X: Array, y: Array, criterion: str) -> list[tuple[int, float, float]]:
    """Every feature and every midpoint in turn, with its gain."""
    return [
        (feature, (low + high) / 2, slow_gain(y.tolist(), [v <= (low + high) / 2 for v in column], criterion))
        for feature, column in enumerate(X.T.astype(float).tolist())
        for low, high in pairwise(sorted(set(column)))
    ]


def compare(got: Any, expected: tuple[int, float, float]) -> None:
    """Look at a split part by part."""
    shown = Shown(f"Split(feature={expected[0]}, threshold={expected[1]:.10g}, gain={expected[2]:.6g})")
    require(got is not None, "a split gains something here, best_split returned None", got=got, expected=shown)
    is_split = isinstance(got, tuple) and len(got) == 3
    require(is_split, "best_split must return Split(feature, threshold, gain)", got=got, expected=shown)
    feature, threshold, found = got
    tied = abs(float(found) - expected[2]) < 1e-9
    same = int(feature) == expected[0] and math.isclose(float(threshold), expected[1], rel_tol=1e-9, abs_tol=1e-9)
    require(same, "best_split chose another split", got=got, expected=shown)
    require(tied, "best_split returned another gain", got=got, expected=shown)
    assert_type(feature, (int, np.integer), what="feature")


def first_of_best(X: Array, y: Array, criterion: str) -> tuple[int, float, float]:
    """The lowest feature and threshold of those with the largest gain, rounding left aside."""
    splits = slow_splits(X, y, criterion)
    largest = max(found for _, _, found in splits)
    return next(split for split in splits if split[2] > largest - 1e-12)


def assert_best(X: Array, y: Array, criterion: str = "gini") -> None:
    """Compare with the best of all splits; where rounding could decide between two, nothing is compared."""
    splits = sorted(slow_splits(X, y, criterion), key=lambda split: -split[2])
    if splits[0][2] > 1e-6 and (len(splits) == 1 or splits[0][2] > splits[1][2] + 1e-9):
        compare(work.best_split(X.copy(), y.copy(), criterion), splits[0])


LABELS = [
    np.array([2]),
    np.array([0, 1]),
    np.array([0, 0, 0, 1]),
    np.array([True, False, True]),
    np.array(["cat", "dog", "cat", "bird"]),
    np.array([-3, 7, 7, 100, -3, 0]),
    np.arange(257),
]


def test_gini_of_labels() -> None:
    """1. gini is 1 minus the sum of the squared class shares, for labels of any kind."""
    for labels in LABELS:
        expected = slow_impurity(labels.tolist(), "gini")
        assert_close(work.gini(labels.copy()), expected)


def test_entropy_of_labels() -> None:
    """1. entropy is minus the sum of p log2(p), in bits, for labels of any kind."""
    for labels in LABELS:
        expected = slow_impurity(labels.tolist(), "entropy")
        assert_close(work.entropy(labels.copy()), expected)


def test_children_count_by_their_size() -> None:
    """2. The gain weighs each child by its share of the rows."""
    y, one_away = np.array([0, 0, 1, 1]), np.array([True, False, False, False])
    for criterion in CRITERIA:
        expected = slow_gain(y.tolist(), one_away.tolist(), criterion)
        assert_close(work.gain(y.copy(), one_away.copy(), criterion), expected)
    for stream, n in enumerate([5, 7, 128]):
        labels, left = rng(stream).integers(-2, 2, n), rng(10 + stream).random(n) < 0.3
        left[0], left[-1] = True, False
        for criterion in CRITERIA:
            expected = slow_gain(labels.tolist(), left.tolist(), criterion)
            assert_close(work.gain(labels.copy(), left.copy(), criterion), expected)


def test_the_threshold_is_a_midpoint() -> None:
    """4. The threshold lies midway between two neighbouring values, in float64, and rows at or below it go left."""
    y = np.array([0, 1])
    compare(work.best_split(np.array([[1.0], [2.0]]), y.copy()), (0, 1.5, 0.5))
    compare(work.best_split(np.array([[9.0], [-2.0]]), y.copy()), (0, 3.5, 0.5))
    compare(work.best_split(np.array([[1.0], [2.0], [7.0], [9.0]]), np.array([0, 0, 1, 1])), (0, 4.5, 0.5))
    compare(work.best_split(np.array([[250], [200]], dtype=np.uint8), y.copy()), (0, 225.0, 0.5))
    compare(work.best_split(np.array([[-100], [100]], dtype=np.int8), y.copy()), (0, 0.0, 0.5))
    compare(work.best_split(np.array([[16777216], [16777217]]), y.copy()), (0, 16777216.5, 0.5))
    compare(work.best_split(np.array([[2048], [2050]], np.float16), y.copy()), (0, 2049.0, 0.5))
    compare(work.best_split(np.array([[16777216], [16777222]], np.float32), y.copy()), (0, 16777219.0, 0.5))
    compare(work.best_split(np.array([[0.0], [1e-8]]), y.copy()), (0, 5e-9, 0.5))


def test_equal_values_stay_together() -> None:
    """4. Rows with the same value are never separated, however their labels lie."""
    for labels in ([0, 1, 1], [1, 0, 1], [0, 0, 1]):
        assert_best(np.array([[1.0], [1.0], [2.0]]), np.array(labels))
    assert_best(np.array([[1.0], [1.0], [1.0], [2.0], [2.0]]), np.array([0, 0, 1, 1, 1]))
    for stream in range(12):
        X, y = rng(100 + stream).integers(0, 4, (9, 1)), np.sort(rng(200 + stream).integers(0, 2, 9))
        assert_best(X, y, "entropy")


def test_the_best_of_all_splits() -> None:
    """5. The split has the largest gain of all features and thresholds, by Gini and by entropy, with any labels."""
    two = np.array([[5.0, 1.0], [5.0, 2.0], [6.0, 7.0]])
    assert_best(two[:2], np.array([0, 1]))
    assert_best(two, np.array([0, 0, 1]) - 3)
    for criterion in CRITERIA:  # Gini cuts at 6.5 here, entropy at 3.5
        assert_best(np.arange(8)[:, None], np.array([0, 0, 0, 0, 1, 0, 0, 1]), criterion)
    kinds = [np.array([0, 1]), np.array([-5, 2, 900]), np.array(["x", "y", "z", "w"])]
    for stream, (n, d) in enumerate([(5, 3), (7, 2), (33, 3), (64, 2)]):
        X = rng(300 + stream).integers(-9, 10, (n, d)) / 4
        for kind, names in enumerate(kinds):
            y = names[rng(400 + 10 * stream + kind).permutation(n) % len(names)]
            for criterion in CRITERIA:
                assert_best(X, y, criterion)


edges()


def test_an_empty_child_gains_nothing() -> None:
    """3. The impurity of no labels is 0, and so is the gain where one child is empty; nothing warns."""
    with no_warnings():
        assert_close(work.gini(np.array([], dtype=int)), 0.0)
        assert_close(work.entropy(np.array([], dtype=int)), 0.0)
        for criterion in CRITERIA:
            for side in (True, False):
                assert_close(work.gain(np.array(["a", "b", "b"]), np.full(3, side), criterion), 0.0)


def test_ties_go_to_the_first() -> None:
    """6. Of equally good splits the lowest feature wins, and within a feature the lowest threshold."""
    for criterion in CRITERIA:
        column, y = np.array([1.0, 2.0]), np.array([0, 1])
        whole = slow_impurity([0, 1], criterion)
        compare(work.best_split(np.column_stack([column, column]), y.copy(), criterion), (0, 1.5, whole))
        noise = np.array([3.0, 3.0])
        compare(work.best_split(np.column_stack([noise, column, -column, column]), y, criterion), (1, 1.5, whole))
        # Halves and quarters only: no way to compute these two equal gains rounds.
        mirrored, labels = np.array([1, 1, 2, 2, 2, 2, 3, 3])[:, None], np.array([0, 0, 1, 1, 1, 0, 0, 0])
        first = slow_splits(mirrored, labels, criterion)[0]
        compare(work.best_split(mirrored.copy(), labels.copy(), criterion), first)
        # Labels that read the same from both ends: each cut has a twin, and their gains may differ by rounding.
        for ends in ([2, 1], [0, 0, 1], [0, 1, 0], [0, 1, 2], [0, 0, 0, 1], [0, 1, 1, 2], [0, 0, 1, 0, 2]):
            labels = np.array(ends + ends[-2::-1])
            rising = np.arange(len(labels))[:, None]
            for X in (rising, np.hstack([rising, -rising])):
                compare(work.best_split(X.copy(), labels.copy(), criterion), first_of_best(X, labels, criterion))
        labels = np.array([0, 0, 1, 2, 1, 2, 2])
        for rising in (np.arange(7)[:, None], -np.arange(7)[:, None]):
            X = np.hstack([rising, -rising])
            compare(work.best_split(X.copy(), labels.copy(), criterion), first_of_best(X, labels, criterion))


def test_nothing_to_gain_gives_none() -> None:
    """7. None, without a warning, where nothing gains more than 1e-12; where something gains 5e-9, its split."""
    either = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    cases: list[tuple[Array, Array]] = [
        (np.array([[3.0, 1.0]]), np.array([1])),
        (np.array([[1.0], [2.0], [3.0]]), np.array(["a", "a", "a"])),
        (np.full((2, 1), 7), np.array([0, 1])),
        (either, np.array([0, 1, 1, 0])),
        # The same mixture on both sides: by rounding, a gain of 1e-16 may come out.
        (np.repeat([0.0, 1.0], [3, 6])[:, None], np.arange(9) % 3),
        (np.repeat([0.0, 1.0], [7, 14])[:, None], np.arange(21) % 7),
        (np.repeat([0.0, 1.0], [10, 30])[:, None], np.tile([0, 0, 0, 1, 1, 1, 1, 2, 2, 3], 4)),
    ]
    for X, y in cases:
        for criterion in CRITERIA:
            with no_warnings():
                got = work.best_split(X.copy(), y.copy(), criterion)
            require(got is None, "no split gains anything here: best_split must return None", got=got, expected=None)
    # A small gain is still one: 0.00002 in 10,000 rows.
    X, y = np.array([0.0] + [1.0] * 9_999)[:, None], np.array([1] + [0, 1] * 4_999 + [0])
    with no_warnings():
        compare(work.best_split(X, y), slow_splits(X, y, "gini")[0])
    # 5e-9 in 20,000 rows: 5,001 of one half, and 5,000 of the other.
    X, y = np.repeat([0.0, 1.0], 10_000)[:, None], np.repeat([0, 1, 0, 1], [4_999, 5_001, 5_000, 5_000])
    compare(work.best_split(X, y), slow_splits(X, y, "gini")[0])


def one_walk(X: Array, y: Array, criterion: str) -> float:
    """The best gain by one walk over the sorted rows in plain Python: as much work as is needed, and no more."""

    def mixed(counts: list[int], n: int) -> float:
        """n times the impurity."""
        if criterion == "gini":
            return n - sum(c * c for c in counts) / n
        return n * math.log2(n) - sum(c * math.log2(c) for c in counts if c)

    rows = sorted(zip(X[:, 0].tolist(), y.tolist(), strict=True))
    left, right, n = [0, 0], [0, 0], len(rows)
    for _, label in rows:
        right[label] += 1
    whole, best = mixed(right, n), 0.0
    for i, ((value, label), (following, _)) in enumerate(pairwise(rows), 1):
        left[label] += 1
        right[label] -= 1
        if value < following:
            best = max(best, whole - mixed(left, i) - mixed(right, n - i))
    return best / n


@timing
def test_cost_grows_like_sorting() -> None:
    """8. Thousands of rows cost little more than sorting them: no threshold has all labels counted anew."""
    for criterion, n in (("gini", 10_000), ("entropy", 5_000)):
        X, y = rng(40).normal(size=(n, 1)), rng(41).integers(0, 2, n)
        with calling(f'best_split(X of shape (50, 1), y, "{criterion}")'):
            assert_type(work.best_split(X[:50].copy(), y[:50].copy(), criterion), tuple)
        assert_faster(
            lambda X=X, y=y, c=criterion: work.best_split(X.copy(), y.copy(), c),
            lambda X=X, y=y, c=criterion: one_walk(X, y, c),
            at_least=1 / 7,
            message="far slower than sorting once and walking; are the labels counted anew for each threshold?",
            call=f'best_split(X of shape ({n}, 1), y, "{criterion}")',
        )


def test_inputs_stay_as_they_were() -> None:
    """9. X, y and goes_left are left as they were."""
    X, y, left = np.array([[3.0], [1.0], [2.0]]), np.array(["b", "a", "b"]), np.array([True, False, True])
    with unchanged(X=X, y=y, goes_left=left):
        work.gini(y)
        work.entropy(y)
        work.gain(y, left)
        work.best_split(X, y)


def test_bad_input_is_refused() -> None:
    """10. NaN or infinity in X, y of another length, and an unknown criterion raise ValueError."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 1])
    for bad in (math.nan, math.inf, -math.inf):
        assert_raises(ValueError, work.best_split, np.array([[0.0], [bad], [1.0]]), y.copy())
    assert_raises(ValueError, work.best_split, np.array([[0.0, 0.0], [1.0, 1.0], [2.0, math.nan]]), y.copy())
    assert_raises(ValueError, work.best_split, X.copy(), y[:2].copy())
    assert_raises(ValueError, work.best_split, X[:2].copy(), y.copy())
    for criterion in ("mse", "Gini"):
        assert_raises(ValueError, work.gain, y.copy(), np.array([True, False, False]), criterion)
        assert_raises(ValueError, work.best_split, X.copy(), y.copy(), criterion)
        # Where the answer does not depend on the criterion too.
        assert_raises(ValueError, work.gain, y.copy(), np.array([True, True, True]), criterion)
        assert_raises(ValueError, work.best_split, X.copy(), np.array([1, 1, 1]), criterion)
