"""Hidden test of c06_project_random_forest."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_type,
    edges,
    global_random_state_kept,
    keep_picture,
    learner,
    learner_module,
    require,
    rng,
    unchanged,
)

work = learner("forest_report")
Array = NDArray[Any]


def wine() -> tuple[Array, Array]:
    from sklearn.datasets import load_wine

    data = load_wine()
    return data.data, data.target


def rows_of(got: Any, n: int) -> tuple[list[int], list[int]]:
    """The learner's (train, test), looked at: row numbers, ascending, each row once."""
    pair = isinstance(got, (tuple, list)) and len(got) == 2
    require(pair, "stratified must return the two arrays (train, test)", got=got)
    for name, rows in zip(("train", "test"), got, strict=True):
        assert_dtype(as_array(rows, name), "integer", what=name)
    train, test = (as_array(rows).ravel().tolist() for rows in got)
    everyone = sorted(train + test) == list(range(n))
    require(everyone, f"train and test together must hold each of the {n} rows once", got=(train, test))
    return train, test


def test_each_class_sends_a_third_to_the_test() -> None:
    """1. m // 3 of the m rows of each class are in test, all others in train, both ascending."""
    few = np.array([0, 0, 0, 0, 1, 1, 1])
    mixed = rng(1).permutation(np.repeat([4, -1, 7], [60, 9, 3]))
    for y in (few, np.array(["b", "a", "b", "a", "b", "a", "a", "a"]), mixed):
        for seed in (0, 1):
            train, test = rows_of(work.stratified(y.copy(), seed), len(y))
            for label in np.unique(y):
                m = int(np.sum(y == label))
                n_test = int(np.sum(y[test] == label))
                message = f"of {m} rows of class {label}, {n_test} are in test"
                require(n_test == m // 3, message, got=Shown(f"{n_test} rows"), expected=Shown(f"{m // 3} rows"))
            require(train == sorted(train) and test == sorted(test), "the rows are not ascending", got=(train, test))


def test_the_seed_draws_the_rows() -> None:
    """2. The rows are drawn by the seed: equal seeds draw equal rows, other seeds others."""
    y = np.repeat([0, 1], 30)
    with global_random_state_kept():
        first = rows_of(work.stratified(y.copy(), 3), 60)
        assert_equal(rows_of(work.stratified(y.copy(), 3), 60), first, what="(train, test) of an equal seed")
    tests = [tuple(rows_of(work.stratified(y.copy(), s), 60)[1]) for s in range(6)]
    require(len(set(tests)) == 6, "of six seeds, several draw the same test rows", got=tests[0])
    # Each row has its third of the chance: twenty seeds leave no row out, but for bad luck of 1 in 50 for sixty rows.
    seen = {row for s in range(40) for row in rows_of(work.stratified(y.copy(), s), 60)[1]}
    missing = sorted(set(range(60)) - seen)
    require(not missing, "forty seeds never put these rows into the test", got=missing)


def test_the_rows_are_drawn_at_random() -> None:
    """1. Neighbours come into test no more often than others, nor do rows of two classes at the same place."""
    y = np.repeat([0, 1], 30)
    neighbours = shared = 0
    for seed in range(40):
        _, test = rows_of(work.stratified(y.copy(), seed), 60)
        first, second = ({row - start for row in test if 0 <= row - start < 30} for start in (0, 30))
        neighbours += sum((row + 1) % 30 in first for row in first)
        shared += len(first & second)
    # By chance 124 pairs of neighbours and 133 shared places, give or take 11 and 8.
    message = f"forty seeds put {neighbours} pairs of neighbours into the test; by chance it is about 124"
    require(60 < neighbours < 190, message)
    message = f"in forty seeds, {shared} times rows at the same place of both classes are in test; by chance about 133"
    require(80 < shared < 190, message)


def as_result(got: Any, what: str) -> list[Any]:
    """Name and shares of a Result of the learner's."""
    require(isinstance(got, learner_module("forest_report").Result), f"{what} must be a Result", got=got)
    for name in ("accuracy", "precision", "recall"):
        assert_type(getattr(got, name), (float, np.floating), what=f"{what}.{name}")
    return [got.name, float(got.accuracy), float(got.precision), float(got.recall)]


def plain_scores(name: str, y_true: Array, y_pred: Array) -> list[Any]:
    labels = sorted(set(y_true.tolist()) | set(y_pred.tolist()))
    pairs = list(zip(y_true.tolist(), y_pred.tolist(), strict=True))
    precision, recall = [], []
    for label in labels:
        hits = sum(t == p == label for t, p in pairs)
        predicted, there = sum(p == label for _, p in pairs), sum(t == label for t, _ in pairs)
        precision.append(hits / predicted if predicted else 0.0)
        recall.append(hits / there if there else 0.0)
    return [name, sum(t == p for t, p in pairs) / len(pairs), sum(precision) / len(labels), sum(recall) / len(labels)]


def test_predictions_are_judged() -> None:
    """3. judge returns the share of right labels, and macro precision and recall."""
    cases = [(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))]
    cases.append((np.array(["a", "a", "b", "b", "b"]), np.array(["a", "b", "b", "b", "c"])))
    cases.append((rng(2).integers(0, 3, 40), rng(3).integers(0, 3, 40)))
    for y_true, y_pred in cases:
        expected = plain_scores("coin", y_true, y_pred)
        with unchanged(y_true=y_true, y_pred=y_pred):
            got = work.judge("coin", y_true, y_pred)
        assert_equal(as_result(got, "judge"), expected, what="[name, accuracy, precision, recall]")


def expected_results(x: Array, y: Array, n_trees: int, seed: int) -> list[list[Any]]:
    """The four models on the learner's own split."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier

    train, test = rows_of(work.stratified(y.copy(), seed), len(y))
    models = [
        ("tree", learner_module("classifiers").DecisionTree()),
        ("forest", learner_module("forest").RandomForest(n_trees, seed=seed)),
        ("sklearn tree", DecisionTreeClassifier(criterion="entropy", random_state=seed)),
        ("sklearn forest", RandomForestClassifier(n_trees, criterion="entropy", random_state=seed)),
    ]
    results = []
    for name, model in models:
        model.fit(x[train], y[train])
        results.append(plain_scores(name, y[test], np.asarray(model.predict(x[test]))))
    return results


def test_four_models_on_the_same_rows() -> None:
    """4. compare fits the four models to the training rows and judges them on the test rows."""
    # Columns without any scale to them make the four differ from each other, and from what training rows would show.
    noisy = rng(4).normal(size=(60, 3))
    noisy[:, 0] += rng(5).integers(0, 3, 60)
    labels = np.where(noisy[:, 0] > 1.0, "high", "low")
    labels[::7] = "odd"
    numbers = np.unique(labels, return_inverse=True)[1]
    for one, two, n_trees, seed in ((noisy, labels, 5, 0), (noisy, numbers, 8, 3)):
        expected = expected_results(one, two, n_trees, seed)
        with unchanged(x=one, y=two):
            got = work.compare(one, two, n_trees=n_trees, seed=seed)
        assert_type(got, (list, tuple), what="compare")
        found = [as_result(result, f"compare(...)[{i}]") for i, result in enumerate(got)]
        assert_equal([result[0] for result in found], [result[0] for result in expected], what="the names")
        for result, wanted in zip(found, expected, strict=True):
            assert_equal(result, wanted, what="[name, accuracy, precision, recall]")


def results_of(*rows: tuple[str, float, float, float]) -> list[Any]:
    return [work.Result(*row) for row in rows]


def test_the_table_can_be_read() -> None:
    """5. table returns headings and a line for each result, shares in percent with one decimal, in columns."""
    for rows in (
        [("coin", 0.75, 0.5, 0.8333)],
        [("tree", 0.9166, 0.9, 0.88888), ("sklearn forest", 1.0, 0.98765, 0.03)],
        [("a very long name of a model", 0.0, 1.0, 0.5004), ("b", 0.1, 0.2, 0.3), ("c", 1.0, 1.0, 1.0)],
    ):
        text = work.table(results_of(*rows))
        assert_type(text, str, what="table")
        lines = text.splitlines()
        require(len(lines) == len(rows) + 1, f"table has {len(lines)} lines, expected {len(rows) + 1}", got=Shown(text))
        assert_equal(lines[0].split(), ["model", "accuracy", "precision", "recall"], what="the headings")
        for line, (name, *shares) in zip(lines[1:], rows, strict=True):
            expected = [*name.split(), *(f"{100 * share:.1f}%" for share in shares)]
            assert_equal(line.split(), expected, what="the words of a line")
        widths = {len(line) for line in lines}
        require(len(widths) == 1, "the lines are not equally long", got=Shown(text))


def forest_on(x: Array, y: Array, n_trees: int, **settings: Any) -> Any:
    return learner_module("forest").RandomForest(n_trees, **settings).fit(x, y)


def test_the_growth_of_a_forest() -> None:
    """6. growth returns the accuracy of the vote of the first tree, the first two, and so on."""
    source = rng(6)
    x, new = source.normal(size=(40, 3)), source.normal(size=(50, 3))
    y, new_y = (np.where(part[:, 0] + part[:, 1] > 0, "up", "down") for part in (x, new))
    for n_trees in (1, 2, 9):
        forest = forest_on(x, y, n_trees, max_depth=2)
        votes = [tree.predict(new).tolist() for tree in forest.trees_]
        expected = []
        for t in range(1, n_trees + 1):
            hits = 0
            for i, label in enumerate(new_y.tolist()):
                said = [votes[j][i] for j in range(t)]
                hits += min(sorted(set(said)), key=lambda one: -said.count(one)) == label
            expected.append(hits / len(new))
        with unchanged(x=new, y=new_y):
            got = work.growth(forest, new, new_y)
        assert_close(got, expected, call=f"growth(forest of {n_trees} trees, x, y)")


class Counted:
    """A tree that counts how often it is asked."""

    def __init__(self, label: int) -> None:
        self.label, self.asked = label, 0

    def predict(self, x: Array) -> Array:
        self.asked += 1
        return np.full(len(x), self.label)


def test_each_tree_is_asked_once() -> None:
    """7. growth asks each tree once, however many follow it."""
    x, y = np.zeros((4, 1)), np.array([0, 1, 1, 0])
    forest = forest_on(np.arange(8.0)[:, None], np.repeat([0, 1], 4), 5)
    forest.trees_ = [Counted(i % 2) for i in range(5)]
    work.growth(forest, x, y)
    asked = [tree.asked for tree in forest.trees_]
    require(
        max(asked) == 1, "a tree was asked more than once", got=Shown(f"{asked} times"), expected=Shown("once each")
    )


def test_the_growth_is_drawn() -> None:
    """8. draw_growth draws the curve over 1, 2, … and a level line for the tree, named and with a legend."""
    for curve, level in ((np.array([0.5, 0.75, 0.7]), 0.6), (np.linspace(0.8, 0.95, 40), 0.85)):
        figure = as_figure(work.draw_growth(curve.copy(), level), "draw_growth")
        require(len(figure.get_axes()) == 1, f"draw_growth drew {len(figure.get_axes())} axes, expected one")
        axes = figure.get_axes()[0]
        lines = {str(line.get_label()): line for line in axes.get_lines()}
        for label in ("forest", "tree"):
            require(label in lines, f"there is no line labelled {label!r}", got=sorted(lines))
        for label in ("forest", "tree"):
            style = str(lines[label].get_linestyle()).strip()
            require(style not in ("", "None"), f"{label!r} is drawn as points without a line")
        assert_close(np.asarray(lines["forest"].get_xdata(), float), np.arange(1, len(curve) + 1), what="x of 'forest'")
        assert_close(np.asarray(lines["forest"].get_ydata(), float), curve, what="y of 'forest'")
        heights = np.asarray(lines["tree"].get_ydata(), float)
        assert_close(heights, np.full(len(heights), level), what="y of 'tree'")
        require(bool(axes.get_xlabel() and axes.get_ylabel()), "an axis has no name")
        require(axes.get_legend() is not None, "there is no legend")


edges()


def test_fifty_trees_by_default() -> None:
    """4. Without n_trees and seed, compare grows fifty trees and splits by seed 0."""
    # Labels without a reason: here fifty trees vote otherwise than a hundred.
    x = rng(9).normal(size=(18, 2))
    y = np.array(["up", "down"])[rng(10).integers(0, 2, 18)]
    train, test = rows_of(work.stratified(y.copy(), 0), len(y))
    voted = np.asarray(forest_on(x[train], y[train], 50).predict(x[test]))
    got = work.compare(x.copy(), y.copy())
    assert_type(got, (list, tuple), what="compare")
    found = [result for result in (as_result(one, "a result of compare") for one in got) if result[0] == "forest"]
    assert_equal(found, [plain_scores("forest", y[test], voted)], what="the result of 'forest' by default")


def test_each_call_returns_a_new_figure() -> None:
    """8. A second call of draw_growth returns a figure of its own."""
    first, second = (as_figure(work.draw_growth(np.array([0.5, 0.6]), 0.4), "draw_growth") for _ in range(2))
    n_lines = len(second.get_axes()[0].get_lines()) if second.get_axes() else 0
    require(second is not first and n_lines == 2, "a second call of draw_growth drew on the first figure")


def test_inputs_stay() -> None:
    """9. The labels that stratified is given, the results and the curve stay as they were."""
    y = np.array([2, 0, 1] * 5)
    curve = np.array([0.9, 0.5, 0.7])
    results = results_of(("b", 0.1, 0.2, 0.3), ("a", 0.9, 0.8, 0.7))
    before = [tuple(result) for result in results]
    with unchanged(y=y, curve=curve):
        work.stratified(y)
        work.draw_growth(curve, 0.5)
    work.table(results)
    assert_equal([tuple(result) for result in results], before, what="the results, after table(results),")


def test_the_trial_of_the_wine_data() -> None:
    """4. The whole trial runs on the wine data, and ends in a table and a picture."""
    x, y = wine()
    results = work.compare(x.copy(), y.copy(), n_trees=25, seed=0)
    train, test = rows_of(work.stratified(y.copy(), 0), len(y))
    forest = forest_on(x[train], y[train], 25)
    curve = as_array(work.growth(forest, x[test], y[test]), "growth")
    by_name = {result[0]: result for result in (as_result(r, "a result of compare") for r in results)}
    for name in ("tree", "forest", "sklearn forest"):
        require(name in by_name, f"compare returns no result named {name!r}", got=sorted(by_name))
    shares = [by_name[name][1] for name in ("forest", "sklearn forest")]
    close = abs(shares[0] - shares[1]) < 0.12 and min(shares) > 0.85
    require(close, "the two forests are far apart", got=Shown(f"{shares[0]:.1%} and {shares[1]:.1%}"))
    assert_close(curve[-1:], shares[:1], what="the end of the curve, and the forest's accuracy in the table,")
    keep_picture(work.draw_growth(curve, by_name["tree"][1]), "wine")
    print(work.table(results))
