"""Hidden test of c06_1_random_forest."""

import math
from collections import Counter
from typing import Any

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
    edges,
    fail,
    global_random_state_kept,
    learner,
    learner_module,
    require,
    rng,
    unchanged,
)

work = learner("forest")
Array = NDArray[Any]


def graded(d: int) -> tuple[Array, Array]:
    """Column 0 separates the labels, and each further column mixes up more rows than the one before it."""
    n = 4 * (d + 2)
    y = np.repeat([0, 1], n // 2)
    columns = []
    for j in range(d):
        column = y * 10.0 + np.arange(n) / n
        # j rows of each class change sides.
        column[:j], column[n - j :] = column[:j] + 10.0, column[n - j :] - 10.0
        columns.append(column)
    return np.stack(columns, axis=1), y


def looked_at(got: Any, d: int) -> Any:
    """The learner's split, a named tuple with a feature of x; or None."""
    if got is None:
        return None
    named = all(hasattr(got, name) for name in ("feature", "threshold", "gain"))
    require(named, "find_split must return a Split or None", got=got)
    feature = got.feature
    whole = isinstance(feature, (int, np.integer)) and not isinstance(feature, bool)
    require(whole and 0 <= feature < d, f"the split's feature is no column of x, 0 to {d - 1}", got=got)
    return got


def tree(max_features: int, generator: np.random.Generator, **settings: Any) -> Any:
    return work.RandomTree(max_features, generator, **settings)


def assert_often(counts: Array, chances: Array, message: str, call: str) -> None:
    """Each count of n draws is what its chance makes it, within five standard deviations."""
    n = counts.sum()
    spread = np.sqrt(np.maximum(n * chances * (1 - chances), 1e-9))
    if (np.abs(counts - n * chances) > 5 * spread + 0.5).any():
        fail(
            message,
            got=Shown(str(counts.tolist())),
            expected=Shown(f"about {(n * chances).round().tolist()}"),
            call=call,
        )


def test_a_question_is_asked_of_drawn_columns() -> None:
    """1. find_split returns the best split among max_features different columns, each set of them equally likely."""
    line = np.array([[0.0], [1.0], [5.0], [6.0]])
    split = looked_at(tree(1, rng(1)).find_split(line, np.array([0, 0, 1, 1])), 1)
    require(split is not None, "one column separates the labels, and find_split returned None")
    assert_close([split.threshold, split.gain], [3.0, 1.0], what="(threshold, gain)")
    n_draws = 400
    for d, k in ((2, 1), (3, 2), (5, 1), (5, 3), (6, 4)):
        x, y = graded(d)
        generator = rng(10 * d + k)
        asked = tree(k, generator)
        counts = np.zeros(d, dtype=int)
        for _ in range(n_draws):
            split = looked_at(asked.find_split(x.copy(), y.copy()), d)
            require(split is not None, "every column gains something, and find_split returned None")
            counts[split.feature] += 1
        # The lowest drawn column is the best: all other k - 1 lie behind it.
        chances = np.array([math.comb(d - 1 - j, k - 1) / math.comb(d, k) for j in range(d)])
        message = (
            f"with max_features={k}, the columns of {n_draws} splits are not what chance makes of {k} of {d} columns"
        )
        assert_often(
            counts, chances, message, f"RandomTree({k}, rng).find_split(x, y), column 0 gaining most, then column 1, …"
        )


def test_the_gain_is_one_of_information() -> None:
    """1. The best split is the one of the largest information gain, as of your DecisionTree."""
    plain = learner_module("classifiers").DecisionTree()
    for stream in range(12):
        source = rng(40 + stream)
        x, y = source.normal(size=(15, 3)), source.integers(0, 4, 15)
        expected = plain.find_split(x, y)
        got = looked_at(tree(3, rng(2)).find_split(x.copy(), y.copy()), 3)
        assert_equal(None if got is None else tuple(got), None if expected is None else tuple(expected))


def test_the_lowest_of_equal_columns_wins() -> None:
    """2. Of equally good columns the lowest wins, and the feature counts in all columns of x."""
    y = np.array([0, 0, 1, 1])
    same = np.array([0.0, 1.0, 5.0, 6.0])[:, None] + np.zeros(4)
    for stream in range(20):
        split = looked_at(tree(4, rng(110 + stream)).find_split(same.copy(), y.copy()), 4)
        require(split is not None and split.feature == 0, "of four equal columns, all drawn, 0 has to win", got=split)
    # Each column has numbers of its own, so that the threshold tells which of them was split.
    x = same + np.arange(4) * 100.0
    for stream in range(20):
        split = looked_at(tree(2, rng(140 + stream)).find_split(x.copy(), y.copy()), 4)
        require(split is not None, "every column separates the labels, and find_split returned None")
        column = int(split.threshold // 100)
        require(split.feature == column, f"a threshold of column {column} came with another feature", got=split)


def test_the_draws_come_from_rng() -> None:
    """1. All draws come from rng: an equal generator draws equal columns."""
    x, y = graded(6)
    drawn: list[list[Any]] = [[], []]
    for columns, one in zip(drawn, (tree(2, rng(3)), tree(2, rng(3))), strict=True):
        for _ in range(20):
            split = looked_at(one.find_split(x.copy(), y.copy()), 6)
            columns.append(None if split is None else int(split.feature))
    first, second = drawn
    assert_equal(second, first, what="the columns drawn from an equal generator")


def depth_of(place: Any) -> int:
    return 1 + max(depth_of(place.left), depth_of(place.right)) if hasattr(place, "left") else 0


def features_of(place: Any) -> list[int]:
    if not hasattr(place, "left"):
        return []
    return [int(place.feature), *features_of(place.left), *features_of(place.right)]


def crowd(stream: int, n: int, d: int, classes: int = 2) -> tuple[Array, Array]:
    source = rng(stream)
    return source.normal(size=(n, d)), source.integers(0, classes, n)


def test_columns_are_drawn_anew_for_each_question() -> None:
    """3. The columns are drawn for each question anew, not once for a tree."""
    x, y = crowd(50, 30, 5)
    kinds = []
    for stream in range(10):
        grown = tree(1, rng(60 + stream))
        grown.fit(x.copy(), y.copy())
        kinds.append(len(set(features_of(grown.root_))))
    message = "ten trees with max_features=1 ask all their questions of one column each"
    require(max(kinds) > 1, message, got=Shown("one column in each tree"), expected=Shown("several"))


def grown(x: Array, y: Array, **settings: Any) -> Any:
    """The learner's forest, fitted to copies, with its trees and samples looked at."""
    forest = work.RandomForest(**settings)
    forest.fit(x.copy(), y.copy())
    n_trees = settings.get("n_trees", 100)
    for name in ("trees_", "samples_"):
        held = getattr(forest, name, None)
        assert_type(held, (list, tuple), what=name)
        require(len(held) == n_trees, f"{name} holds {len(held)} items after fit, expected {n_trees}")
    for i, rows in enumerate(forest.samples_):
        what = f"samples_[{i}]"
        numbers = as_array(rows, what)
        assert_shape(numbers, (len(x),), what=what)
        assert_dtype(numbers, "integer", what=what)
        inside = bool(((numbers >= 0) & (numbers < len(x))).all())
        require(inside, f"{what} holds a number outside 0 to {len(x) - 1}", got=numbers)
    for one in forest.trees_:
        require(isinstance(one, learner_module("forest").RandomTree), "trees_ must hold RandomTree objects", got=one)
        require(hasattr(one, "root_"), "a tree in trees_ has no root_: it was not fitted", got=one)
    return forest


def plain_tree(forest: Any, i: int, x: Array, y: Array, **settings: Any) -> Any:
    """Your DecisionTree on the rows of tree i."""
    rows = np.asarray(forest.samples_[i])
    return learner_module("classifiers").DecisionTree(**settings).fit(x[rows], y[rows])


def test_each_tree_has_its_own_rows() -> None:
    """4. samples_ holds a bootstrap sample for each tree, and the tree is fitted to these rows and their labels."""
    for x, y in (crowd(70, 6, 1), crowd(71, 40, 3, 3)):
        names = np.array(["b", "a", "c"])[y]
        forest = grown(x, names, n_trees=8, max_features="all")
        new = rng(72).normal(size=(60, x.shape[1]))
        for i, one in enumerate(forest.trees_):
            expected = plain_tree(forest, i, x, names).predict(new)
            what = f"labels of trees_[{i}], compared with a DecisionTree on the rows samples_[{i}]"
            assert_equal(np.asarray(one.predict(new)), expected, what=what, call=f"trees_[{i}].predict(new)")
        samples = [np.asarray(rows).tolist() for rows in forest.samples_]
        require(len({tuple(rows) for rows in samples}) > 1, "all trees have the same sample", got=samples[0])
        repeats = any(len(set(rows)) < len(rows) for rows in samples)
        require(repeats, "no sample holds a row twice; a bootstrap draws with replacement", got=samples[0])


def test_without_resampling_every_tree_has_all_rows() -> None:
    """4. With resample=False each tree is fitted to all rows, in order."""
    x, y = crowd(73, 12, 2)
    forest = grown(x, y, n_trees=3, max_features="all", resample=False)
    for i, one in enumerate(forest.trees_):
        assert_equal(forest.samples_[i], list(range(12)), what=f"samples_[{i}]")
        assert_equal(np.asarray(one.predict(x)), y, what=f"labels of trees_[{i}] for the rows it has seen")


def test_the_settings_are_honoured() -> None:
    """5. n_trees, max_depth and min_samples are honoured."""
    x, y = crowd(74, 60, 3)
    for n_trees in (1, 2, 7):
        grown(x, y, n_trees=n_trees)
    for max_depth in (0, 1, 3):
        depths = [depth_of(one.root_) for one in grown(x, y, n_trees=5, max_depth=max_depth).trees_]
        require(max(depths) == max_depth, f"with max_depth={max_depth}, trees are {depths} deep", got=depths)
    for min_samples, deep in ((61, False), (60, True)):
        depths = [depth_of(one.root_) for one in grown(x, y, n_trees=5, min_samples=min_samples).trees_]
        message = f"with 60 rows and min_samples={min_samples}, trees are {depths} deep"
        require((max(depths) > 0) == deep, message, got=depths)
    forest = grown(x, y, n_trees=4, max_features="all", min_samples=20)
    for i, one in enumerate(forest.trees_):
        expected = depth_of(plain_tree(forest, i, x, y, min_samples=20).root_)
        assert_equal(depth_of(one.root_), expected, what=f"depth of trees_[{i}] with min_samples=20")


def test_max_features_is_honoured() -> None:
    """5. max_features is a number of columns, "sqrt" for the root of d rounded down, or "all"."""
    numbers: list[tuple[int, Any, int]] = [(4, 2, 2), (4, 4, 4), (7, 6, 6)]
    for d, wanted, k in ((9, "sqrt", 3), (8, "sqrt", 2), (3, "sqrt", 1), (7, "all", 7), *numbers):
        x, y = graded(d)
        n_trees = 150 if k < d else 15
        forest = grown(x, y, n_trees=n_trees, max_features=wanted, max_depth=1, resample=False)
        features = [features_of(one.root_) for one in forest.trees_]
        require(all(features), "a tree with max_depth=1 asks no question", got=features)
        counts = np.bincount([f[0] for f in features], minlength=d)
        chances = np.array([math.comb(d - 1 - j, k - 1) / math.comb(d, k) for j in range(d)])
        message = f"the first questions of {n_trees} trees are not asked of {k} of {d} columns each"
        call = f"RandomForest({n_trees}, max_features={wanted!r}, max_depth=1, resample=False).fit(x, y)"
        assert_often(counts, chances, message, call)
    x, y = graded(9)
    by_default = grown(x, y, n_trees=60, max_depth=1, resample=False)
    named = grown(x, y, n_trees=60, max_depth=1, resample=False, max_features="sqrt")
    roots = [[features_of(one.root_) for one in forest.trees_] for forest in (by_default, named)]
    assert_equal(roots[0], roots[1], what='columns of the first questions, without max_features and with "sqrt",')


def votes_of(forest: Any, new: Array) -> list[list[Any]]:
    """The labels of all trees for each new row."""
    return [list(column) for column in zip(*(np.asarray(t.predict(new)).tolist() for t in forest.trees_), strict=True)]


def test_the_trees_vote() -> None:
    """6. predict returns the majority vote of all trees, on a tie the smallest label."""
    new = rng(75).normal(size=(80, 3))
    for n_trees, stream in ((1, 76), (5, 76), (2, 77), (4, 78)):
        x, y = crowd(stream, 40, 3, 3)
        for labels in (y * 5 - 3, np.array(["b", "c", "a"])[y]):
            forest = grown(x, labels, n_trees=n_trees, max_depth=3)
            expected = []
            for votes in votes_of(forest, new):
                most = Counter(votes)
                expected.append(min(label for label, n in most.items() if n == max(most.values())))
            got = as_array(forest.predict(new.copy()))
            assert_equal(got, expected)
    # Labels by chance, so that the votes of a hundred trees are often close.
    x, y = crowd(85, 12, 3)
    many = rng(86).normal(size=(80, 3))
    forest = grown(x, y)
    expected = [int(sum(votes) > 50) for votes in votes_of(forest, many)]
    assert_equal(as_array(forest.predict(many.copy())), expected)


def test_shares_of_the_votes() -> None:
    """7. vote_shares returns the share of the trees that vote for each of classes_."""
    new = rng(79).normal(size=(30, 2))
    for n_trees in (1, 4, 7):
        x, y = crowd(80, 40, 2, 3)
        labels = np.array(["b", "c", "a"])[y]
        labels[:3] = ["c", "a", "b"]
        forest = grown(x, labels, n_trees=n_trees, max_depth=4)
        assert_equal(as_array(getattr(forest, "classes_", None), "classes_"), ["a", "b", "c"], what="classes_")
        expected = [[votes.count(label) / n_trees for label in "abc"] for votes in votes_of(forest, new)]
        assert_close(forest.vote_shares(new.copy()), expected)


def test_the_forest_knows_more_than_its_trees() -> None:
    """10. On wine, the vote is right more often than the trees are on average, on rows kept aside."""
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    scores, alone = [], []
    for stream in range(3):
        order = rng(90 + stream).permutation(len(x))
        test, train = order[::3], np.delete(order, np.arange(0, len(x), 3))
        forest = grown(x[train], y[train], n_trees=30, seed=stream)
        with calling("RandomForest(30).fit(x, y) on two thirds of the wine data, predict on the others"):
            scores.append(float(np.mean(as_array(forest.predict(x[test])) == y[test])))
        alone.append(float(np.mean([np.mean(np.asarray(t.predict(x[test])) == y[test]) for t in forest.trees_])))
    forest_score, tree_score = float(np.mean(scores)), float(np.mean(alone))
    better = forest_score > tree_score + 0.03 and forest_score > 0.9
    shown = Shown(f"{forest_score:.1%} of the rows right, {tree_score:.1%} by a single tree")
    require(better, "the vote is hardly better than a single tree", got=shown, expected=Shown("over 90 %"))


edges()


def test_columns_that_gain_nothing() -> None:
    """1. None is returned where none of the drawn columns gains anything, although others would."""
    x, y = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 8.0], [1.0, 9.0]]), np.array([0, 0, 1, 1])
    asked = tree(1, rng(100))
    nothing = 0
    for _ in range(40):
        split = looked_at(asked.find_split(x.copy(), y.copy()), 2)
        nothing += split is None
        require(split is None or split.feature == 1, "a constant column separates nothing", got=split)
    message = f"of 40 questions, {nothing} drew the constant column and returned None"
    require(0 < nothing < 40, message, expected=Shown("about 20"), call="find_split(x, y), where column 0 is constant")


def test_a_rare_class_is_no_less_a_class() -> None:
    """7. classes_ holds all labels of y, also those that every sample missed; their share is 0."""
    x, y = np.arange(30.0)[:, None], np.array([5] * 29 + [9])
    for stream in range(8):
        forest = grown(x, y, n_trees=1, seed=stream)
        assert_equal(as_array(getattr(forest, "classes_", None), "classes_"), [5, 9], what="classes_")
        expected = [[votes.count(label) for label in (5, 9)] for votes in votes_of(forest, x)]
        assert_close(forest.vote_shares(x.copy()), expected)


def roots_and_rows(forest: Any) -> list[Any]:
    return [
        [np.asarray(rows).tolist(), features_of(t.root_)]
        for rows, t in zip(forest.samples_, forest.trees_, strict=True)
    ]


def test_the_seed_decides_everything() -> None:
    """8. Equal seeds grow equal forests, also in a second fit; other seeds other ones; trees differ."""
    x, y = crowd(81, 30, 4)
    with global_random_state_kept():
        forest = grown(x, y, n_trees=5, seed=3)
    first = roots_and_rows(forest)
    assert_equal(roots_and_rows(grown(x, y, n_trees=5, seed=3)), first, what="the trees of an equal seed")
    forest.fit(x.copy(), y.copy())
    require(len(forest.trees_) == 5, f"after a second fit, trees_ holds {len(forest.trees_)} trees, expected 5")
    assert_equal(roots_and_rows(forest), first, what="the trees of a second fit")
    other = roots_and_rows(grown(x, y, n_trees=5, seed=4))
    shared = [i for i, one in enumerate(other) if one[0] in [rows for rows, _ in first]]
    require(not shared, "seeds 3 and 4 share samples", got=Shown(f"samples {shared}"))
    firsts = grown(x, y, n_trees=12, max_features=1, resample=False)
    others = grown(x, y, n_trees=12, max_features=1, resample=False, seed=1)
    message = "without resampling, seeds 0 and 1 grow the same forest: the columns do not depend on the seed"
    require(roots_and_rows(firsts) != roots_and_rows(others), message)
    columns = {tuple(features_of(t.root_)) for t in firsts.trees_}
    require(len(columns) > 1, "without resampling, all trees with max_features=1 are equal: they draw the same columns")


def test_inputs_stay() -> None:
    """9. x and y stay as they were."""
    x, y = crowd(82, 20, 3)
    forest = work.RandomForest(n_trees=3)
    with unchanged(x=x, y=y):
        forest.fit(x, y)
        forest.predict(x)
        forest.vote_shares(x)
        tree(2, rng(83)).find_split(x, y)


def test_what_cannot_be_grown_is_refused() -> None:
    """11. fit raises ValueError for n_trees below 1, and for a max_features below 1, above d or of another name."""
    x, y = crowd(84, 10, 3)
    for n_trees in (0, -2):
        refused(x, y, f"RandomForest(n_trees={n_trees}).fit(x, y)", n_trees=n_trees)
    for wanted in (0, 4, -1, "log2", "half", "SQRT"):
        refused(x, y, f"RandomForest(max_features={wanted!r}).fit(x, y), x having 3 columns", max_features=wanted)


def refused(x: Array, y: Array, call: str, **settings: Any) -> None:
    """These settings are a ValueError, at the latest in fit."""
    assert_raises(ValueError, lambda: work.RandomForest(**settings).fit(x.copy(), y.copy()), call=call)
