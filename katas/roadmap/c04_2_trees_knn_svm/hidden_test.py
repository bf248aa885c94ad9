"""Hidden test of c04_2_trees_knn_svm."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    learner_module,
    require,
    rng,
    unchanged,
)

work = learner("classifiers")
Array = NDArray[Any]
# A node as (feature, threshold, left, right), a leaf as its label.
Plain = Any

SMALL = np.array([[1.0, 5.0], [2.0, 7.0], [3.0, 6.0], [4.0, 1.5]])
ANSWERS = np.array(["no", "no", "yes", "no"])


def plain_entropy(labels: list[Any]) -> float:
    shares = [labels.count(label) / len(labels) for label in set(labels)]
    return -sum(p * math.log2(p) for p in shares)


def plain_split(x: list[list[float]], y: list[Any]) -> tuple[int, float, float] | None:
    """Every midpoint of every feature is tried; the first of the best is kept."""
    best = None
    for feature in range(len(x[0])):
        values = sorted({row[feature] for row in x})
        for low, high in pairwise(values):
            threshold = (low + high) / 2
            sides: tuple[list[Any], list[Any]] = ([], [])
            for row, label in zip(x, y, strict=True):
                sides[row[feature] > threshold].append(label)
            gain = plain_entropy(y) - sum(len(side) / len(y) * plain_entropy(side) for side in sides)
            if gain > (best[2] if best else 0.0) + 1e-12:
                best = feature, threshold, gain
    return best


def plain_tree(
    x: Array,
    y: Array,
    max_depth: int | None = None,
    min_samples: int = 2,
    depth: int = 0,
    asked: list[list[Any]] | None = None,
) -> Plain:
    """asked: where the labels of each node that may be split are noted."""
    labels = y.tolist()
    split = None
    if depth != max_depth and len(labels) >= min_samples and len(set(labels)) > 1:
        if asked is not None:
            asked.append(labels)
        split = plain_split(x.astype(float).tolist(), labels)
    if split is None:
        return min(set(labels), key=lambda label: (-labels.count(label), label))
    feature, threshold, _ = split
    left = np.array([value <= threshold for value in x[:, feature].tolist()])
    parts = [plain_tree(x[side], y[side], max_depth, min_samples, depth + 1, asked) for side in (left, ~left)]
    return feature, threshold, *parts


def plain_answer(tree: Plain, row: list[float]) -> Any:
    while isinstance(tree, tuple):
        tree = tree[2] if row[tree[0]] <= tree[1] else tree[3]
    return tree


def written(tree: Plain) -> str:
    """A tree as text."""
    if not isinstance(tree, tuple):
        return f"Leaf({tree!r})"
    feature, threshold, left, right = tree
    return f"[x{feature} <= {threshold:g}? {written(left)} : {written(right)}]"


def looked_at(place: Any, depth: int = 0) -> Plain:
    """The learner's tree in plain form."""
    require(depth < 300, "root_ is a tree without an end")
    if hasattr(place, "label"):
        label = place.label
        return label.item() if isinstance(label, np.generic) else label
    fields = [getattr(place, name, None) for name in ("feature", "threshold", "left", "right")]
    require(
        isinstance(fields[0], int | np.integer) and isinstance(fields[1], int | float | np.number),
        "root_ must be made of Node and Leaf, as in the stub",
        got=place,
    )
    return int(fields[0]), float(fields[1]), looked_at(fields[2], depth + 1), looked_at(fields[3], depth + 1)


def same(a: Plain, b: Plain) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        near = math.isclose(a[1], b[1], rel_tol=1e-9, abs_tol=1e-12)
        return a[0] == b[0] and near and same(a[2], b[2]) and same(a[3], b[3])
    return type(a) is type(b) and bool(a == b)


def assert_tree(fitted: Any, expected: Plain, call: str) -> None:
    with calling(call):
        got = looked_at(getattr(fitted, "root_", None))
    if not same(got, expected):
        fail("fit has grown another tree", got=Shown(written(got)), expected=Shown(written(expected)), call=call)


def shown(x: Array, y: Array, settings: str = "") -> str:
    if len(x) > 8:
        return f"DecisionTree({settings}).fit(x, y) with {len(x)} rows"
    return f"DecisionTree({settings}).fit(np.array({x.tolist()}), np.array({y.tolist()}))"


def grown(x: Array, y: Array, **settings: Any) -> Any:
    text = shown(x, y, ", ".join(f"{name}={value}" for name, value in settings.items()))
    with calling(text):
        tree = work.DecisionTree(**settings).fit(x.copy(), y.copy())
    require(callable(getattr(tree, "predict", None)), "fit must return the tree itself", got=tree, call=text)
    return tree


def crowd(stream: int, n: int, d: int = 3) -> tuple[Array, Array]:
    """Three classes that a tree can learn, with some noise, on a grid so that values are equal at times."""
    draws = rng(stream)
    x = draws.integers(0, 12, (n, d)) / 2
    y = np.where(x[:, 0] > 3, "a", np.where(x[:, 1] > 2.5, "b", "c"))
    return x, np.where(draws.random(n) < 0.15, "b", y)


def test_the_question_has_the_largest_information_gain() -> None:
    """1. find_split returns the split of your best_split for the information gain."""
    # In the second table, Gini asks another question.
    values = np.array([[0, 0], [1, 0], [2, 0], [3, 0], [4, 1], [5, 1], [6, 1], [7, 1], [8, 1], [9, 1]], dtype=float)
    mixed = np.array([0, 0, 0, 1, 1, 1, 2, 1, 2, 1])
    cases = [(SMALL, ANSWERS), (values, mixed), crowd(1, 40)]
    draws = rng(2)
    cases += [(draws.integers(0, 5, (12, 3)).astype(float), draws.integers(0, 4, 12)) for _ in range(40)]
    for x, y in cases:
        expected = plain_split(x.tolist(), y.tolist())
        got = work.DecisionTree().find_split(x.copy(), y.copy())
        if expected is None:
            require(got is None, "nothing is gained by any split: find_split must return None", got=got)
            continue
        fields = [getattr(got, name, None) for name in ("feature", "threshold", "gain")]
        require(None not in fields, "find_split must return a Split", got=got)
        assert_close(fields, list(expected), rtol=1e-6, atol=1e-9, what="find_split (feature, threshold, gain)")


def test_the_questions_are_asked_again_below() -> None:
    """2. fit grows the tree: rows with x <= threshold go left, and each side is split again."""
    cases = [(SMALL, ANSWERS), (np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([5, 5, 7, 6])), crowd(3, 60)]
    for x, y in cases:
        assert_tree(grown(x, y), plain_tree(x, y), shown(x, y))


def test_a_subclass_can_ask_other_questions() -> None:
    """2. fit calls self.find_split once for each node that may be split, with the rows of that node."""
    base = getattr(learner_module("classifiers"), "DecisionTree", None)
    split = getattr(learner_module("tree_splitter"), "Split", None)
    require(isinstance(base, type) and isinstance(split, type), "there is no class DecisionTree")
    asked: list[tuple[Array, Array]] = []

    class LastFeature(base):  # type: ignore[misc, valid-type]
        def find_split(self, x: Array, y: Array) -> Any:
            asked.append((x.copy(), y.copy()))
            return split(x.shape[1] - 1, 6.0, 0.25) if len(asked) < 2 else None

    call = "fit of a subclass whose find_split asks x[:, 1] <= 6.0 first, and then nothing"
    with calling(call):
        tree = LastFeature().fit(SMALL.copy(), ANSWERS.copy())
    assert_tree(tree, (1, 6.0, "no", "no"), call)
    expected = [(SMALL, ANSWERS), (SMALL[[0, 2, 3]], ANSWERS[[0, 2, 3]])]
    message = f"find_split was called {len(asked)} times, expected 2: the right side has one class"
    require(len(asked) == 2, message, call=call)
    for i, ((x, y), (wanted_x, wanted_y)) in enumerate(zip(asked, expected, strict=True)):
        assert_close(x, wanted_x, what=f"x of call {i} of find_split", call=call)
        assert_equal(y.tolist(), wanted_y.tolist(), what=f"y of call {i} of find_split", call=call)

    noted: list[list[Any]] = []

    class Noted(base):  # type: ignore[misc, valid-type]
        def find_split(self, x: Array, y: Array) -> Any:
            noted.append(y.tolist())
            return super().find_split(x, y)

    # The first table leaves two rows of one class on each side.
    pairs = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([0, 0, 1, 1])
    for (x, y), settings in ((pairs, {}), (crowd(3, 20), {"max_depth": 2}), (crowd(3, 20), {"min_samples": 5})):
        wanted: list[list[Any]] = []
        plain_tree(x, y, asked=wanted, **settings)
        noted.clear()
        text = shown(x, y, ", ".join(f"{name}={value}" for name, value in settings.items()))
        with calling(text):
            Noted(**settings).fit(x.copy(), y.copy())
        message = f"find_split was called {len(noted)} times, expected {len(wanted)}: once for a node that may be split"
        require(sorted(noted) == sorted(wanted), message, call=text)


def test_growing_ends_where_it_should() -> None:
    """3. A node is a leaf at max_depth, with fewer than min_samples rows, with one class, or without a split."""
    x, y = crowd(4, 60)
    for settings in (
        {"max_depth": 0},
        {"max_depth": 1},
        {"max_depth": 2},
        {"min_samples": 3},
        {"min_samples": 4},
        {"max_depth": 3, "min_samples": 20},
        {"min_samples": 61},
        {"min_samples": 60},
    ):
        text = ", ".join(f"{name}={value}" for name, value in settings.items())
        for rows, labels in ((SMALL, ANSWERS), (x, y)):
            tree = grown(rows, labels, **settings)
            assert_tree(tree, plain_tree(rows, labels, **settings), shown(rows, labels, text))
    xor = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    for rows, labels in ((xor, np.array([1, 0, 0, 1])), (SMALL, np.array(["no"] * 4)), (SMALL[:1], ANSWERS[:1])):
        assert_tree(grown(rows, labels), plain_tree(rows, labels), shown(rows, labels))


def test_leaves_answer_for_new_rows() -> None:
    """4. predict returns for each row the label of the leaf where it arrives."""
    x, y = crowd(5, 80)
    new = rng(6).integers(0, 12, (50, 3)) / 2
    cases = [(SMALL, ANSWERS, SMALL[::-1]), (SMALL, ANSWERS, np.array([[2.5, 0.0], [2.6, 0.0], [3.5, 9.0]]))]
    cases += [(x, y, new), (x, np.unique(y, return_inverse=True)[1] - 1, new[:1])]
    for rows, labels, queries in cases:
        expected = [plain_answer(plain_tree(rows, labels), row) for row in queries.tolist()]
        got = grown(rows, labels).predict(queries.copy())
        assert_equal(np.asarray(got).tolist(), expected, what="predict")


def plain_rules(tree: Plain, names: list[str], so_far: list[str]) -> list[str]:
    if not isinstance(tree, tuple):
        return [(" and ".join(so_far) if so_far else "always") + f": {tree}"]
    feature, threshold, left, right = tree
    lines = plain_rules(left, names, [*so_far, f"{names[feature]} <= {threshold:g}"])
    return lines + plain_rules(right, names, [*so_far, f"{names[feature]} > {threshold:g}"])


def test_the_tree_can_be_read() -> None:
    """5. rules returns one line for each leaf, from left to right."""
    x, y = crowd(7, 40)
    cases = [(SMALL, ANSWERS, None), (SMALL, ANSWERS, 1), (SMALL, ANSWERS, 0), (x / 3, y, 3)]
    for rows, labels, max_depth in cases:
        names = ["age", "height", "width"][: rows.shape[1]]
        expected = plain_rules(plain_tree(rows, labels, max_depth), names, [])
        got = work.rules(grown(rows, labels, max_depth=max_depth), list(names))
        assert_type(got, list, what="rules")
        assert_equal(got, expected, what="rules")


def plain_left_out(x: Array, y: Array, k: int) -> float:
    hits = 0
    for i, row in enumerate(x.astype(float).tolist()):
        gaps = [(math.dist(row, other), j) for j, other in enumerate(x.astype(float).tolist()) if j != i]
        votes = [y.tolist()[j] for _, j in sorted(gaps)[:k]]
        hits += min(set(votes), key=lambda label: (-votes.count(label), label)) == y.tolist()[i]
    return hits / len(x)


def test_a_row_does_not_vote_for_itself() -> None:
    """6. leave_one_out returns the share of rows that the k nearest of all other rows predict."""
    draws = rng(8)
    x = draws.normal(size=(30, 2))
    y = np.where(x[:, 0] + 0.5 * draws.normal(size=30) > 0, "right", "left")
    twins = np.repeat(draws.normal(size=(15, 2)), 2, axis=0)
    cases: list[tuple[Array, Array, int]] = [
        (np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([0, 0, 1, 1]), 1),
        (np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([0, 0, 1, 1]), 3),
        *((x, y, k) for k in (1, 2, 5, 29)),
        # Each row has a twin with the other label: the nearest other row is always wrong.
        (twins, np.tile([0, 1], 15), 1),
    ]
    for rows, labels, k in cases:
        expected = plain_left_out(rows, labels, k)
        got = work.leave_one_out(rows.copy(), labels.copy(), k)
        assert_type(got, (float, int, np.floating), what="leave_one_out")
        assert_close(got, expected)


def plain_hinge(x: Array, y: Array, w: Array, b: float, l2: float) -> tuple[float, Array, float]:
    """Loss and derivatives, row by row."""
    total, grad_w, grad_b = 0.0, np.zeros(len(w)), 0.0
    for row, label in zip(x.astype(float), y.tolist(), strict=True):
        margin = label * (float(row @ w) + b)
        total += max(0.0, 1.0 - margin)
        if margin < 1.0:
            grad_w -= label * row
            grad_b -= label
    n = len(x)
    return total / n + l2 / 2 * float(w @ w), grad_w / n + l2 * w, grad_b / n


def sides(stream: int, n: int, d: int) -> tuple[Array, Array]:
    draws = rng(stream)
    x = draws.normal(size=(n, d))
    return x, np.where(x @ np.arange(1, d + 1) + draws.normal(size=n) > 0.5, 1, -1)


def margins() -> list[tuple[Array, Array, Array, float, float]]:
    ladder = np.array([[-2.0], [-0.5], [0.5], [3.0]])
    x, y = sides(9, 30, 3)
    return [
        (ladder, np.array([-1, -1, 1, 1]), np.ones(1), 0.0, 0.0),
        (ladder, np.array([1, -1, 1, -1]), np.ones(1), 0.25, 0.0),
        (ladder, np.array([-1, -1, 1, 1]), np.array([2.0]), 1.0, 0.5),
        (x, y, np.array([0.5, -0.2, 0.7]), -0.4, 0.3),
    ]


def test_the_hinge_loss_asks_for_a_margin() -> None:
    """7. hinge_loss returns the mean of max(0, 1 - y z) plus the penalty of the weights."""
    for x, y, w, b, l2 in margins():
        expected = plain_hinge(x, y, w, b, l2)[0]
        got = work.hinge_loss(x.copy(), y.copy(), w.copy(), b, l2)
        assert_type(got, (float, np.floating), what="hinge_loss")
        assert_close(got, expected)
    x, y, w, b, _ = margins()[1]
    assert_close(work.hinge_loss(x.copy(), y.copy(), w.copy(), b), plain_hinge(x, y, w, b, 0.0)[0])


def assert_gradient(x: Array, y: Array, w: Array, b: float, l2: float) -> None:
    _, expected_w, expected_b = plain_hinge(x, y, w, b, l2)
    got = work.hinge_gradient(x.copy(), y.copy(), w.copy(), b, l2)
    require(isinstance(got, tuple | list) and len(got) == 2, "hinge_gradient must return (grad_w, grad_b)", got=got)
    assert_close(as_array(got[0], "grad_w"), expected_w, what="grad_w")
    assert_close(got[1], expected_b, what="grad_b")


def test_rows_inside_the_margin_pull() -> None:
    """8. hinge_gradient returns the derivatives of the loss by w and by b."""
    for case in margins():
        assert_gradient(*case)


def plain_svm(x: Array, y: Array, l2: float, rate: float, n_steps: int) -> tuple[Array, float]:
    w, b = np.zeros(x.shape[1]), 0.0
    places = [(w, b)]
    for t in range(1, n_steps + 1):
        _, grad_w, grad_b = plain_hinge(x, y, w, b, l2)
        w, b = w - rate / math.sqrt(t) * grad_w, b - rate / math.sqrt(t) * grad_b
        places.append((w, b))
    return min(places, key=lambda place: plain_hinge(x, y, *place, l2)[0])


def assert_svm(x: Array, y: Array, **settings: Any) -> None:
    known = {"l2": 0.01, "learning_rate": 1.0, "n_steps": 1000, **settings}
    w, b = plain_svm(x, y, known["l2"], known["learning_rate"], known["n_steps"])
    got = work.fit_svm(x.copy(), y.copy(), **settings)
    require(isinstance(got, tuple | list) and len(got) == 2, "fit_svm must return (w, b)", got=got)
    assert_close(as_array(got[0], "w"), w, rtol=1e-6, atol=1e-8, what="w")
    assert_type(got[1], (float, int, np.floating), what="b")
    assert_close(got[1], b, rtol=1e-6, atol=1e-8, what="b")


def test_the_svm_keeps_the_lowest_place() -> None:
    """9. fit_svm takes steps of learning_rate / √t and returns the w and b of the lowest loss on the way."""
    x, y = sides(10, 25, 2)
    for settings in (
        {"n_steps": 1},
        {"n_steps": 2},
        {"n_steps": 5, "l2": 0.3},
        {"n_steps": 60, "learning_rate": 0.2},
        {"n_steps": 60, "learning_rate": 7.0},
        # So long a first step that the start stays the lowest place.
        {"n_steps": 3, "learning_rate": 1e6},
        {"n_steps": 0},
    ):
        assert_svm(x, y, **settings)
    assert_svm(x[:8], y[:8])


edges()


def test_a_margin_of_exactly_one_does_not_pull() -> None:
    """8. A row with y z of exactly 1 adds nothing to the derivatives."""
    for x, y in ((np.array([[1.0], [-1.0]]), np.array([1, -1])), (np.array([[1.0], [0.5]]), np.array([1, 1]))):
        assert_gradient(x, y, np.ones(1), 0.0, 0.0)


def test_ties_go_to_the_smallest_label() -> None:
    """4. On a tie a leaf has the smallest of the most frequent labels."""
    x = np.array([[0.0], [0.0], [0.0], [0.0], [1.0]])
    for y in (np.array(["b", "a", "b", "a", "c"]), np.array([10, 9, 9, 10, 3]), np.array([2, -1, 2, -1, -5])):
        for settings in ({}, {"max_depth": 0}):
            text = ", ".join(f"{name}={value}" for name, value in settings.items())
            assert_tree(grown(x, y, **settings), plain_tree(x, y, **settings), shown(x, y, text))


def test_integers_count_with_their_values() -> None:
    """10. Integers of any type count with their values."""
    x = np.array([[250, 1], [240, 2], [3, 200], [7, 100], [245, 90]], dtype=np.uint8)
    y = np.array([0, 1, 1, 0, 1], dtype=np.uint8)
    assert_tree(grown(x, y), plain_tree(x, y), shown(x, y))
    assert_close(work.leave_one_out(x.copy(), y.copy(), 1), plain_left_out(x, y, 1))
    marks = np.array([-1, 1, 1, -1, 1], dtype=np.int8)
    tiny = np.array([[-128, 1], [100, 2], [3, 127], [7, 100], [90, -90]], dtype=np.int8)
    for rows in (x, tiny):
        w, b = np.array([0.01, -0.02]), 0.5
        expected = plain_hinge(rows, marks, w, b, 0.1)[0]
        assert_close(work.hinge_loss(rows.copy(), marks.copy(), w.copy(), b, 0.1), expected)
        assert_gradient(rows, marks, w, b, 0.1)


def test_inputs_stay_as_they_are() -> None:
    """10. No function changes an array that it is given."""
    x, y = sides(11, 12, 2)
    y, w = y.astype(float), np.array([0.5, -0.5])
    tree = work.DecisionTree()
    with unchanged(x=x, y=y):
        tree.fit(x, y)
    with unchanged(x=x):
        tree.predict(x)
    with unchanged(x=x, y=y):
        work.leave_one_out(x, y, 3)
    with unchanged(x=x, y=y, w=w):
        work.hinge_loss(x, y, w, 0.1, 0.1)
    with unchanged(x=x, y=y, w=w):
        work.hinge_gradient(x, y, w, 0.1, 0.1)
    with unchanged(x=x, y=y):
        work.fit_svm(x, y, n_steps=2)


def test_a_second_fit_forgets_the_first() -> None:
    """10. A second fit grows the tree that a new object would grow."""
    x, y = crowd(12, 30)
    tree = work.DecisionTree(max_depth=2)
    with calling("tree.fit, a second time on the same tree"):
        tree.fit(x.copy(), y.copy())
        tree.fit(SMALL.copy(), ANSWERS.copy())
    assert_tree(tree, plain_tree(SMALL, ANSWERS, 2), "tree.fit(x, y), a second time on the same tree")


def test_a_k_that_does_not_fit_is_refused() -> None:
    """11. leave_one_out refuses a k below 1 or above n - 1."""
    for k in (0, -1, 4, 5):
        assert_raises(ValueError, work.leave_one_out, SMALL.copy(), ANSWERS.copy(), k)


def test_other_labels_are_refused() -> None:
    """11. The three functions of the SVM refuse labels other than -1 and 1."""
    for labels in ([0, 1, 0, 1], [-1, 1, 2, 1], [-1.0, 1.0, 0.5, 1.0], [-1.0, 1.0, 1.5, 1.0], [-1, 1, 1, -2]):
        y = np.array(labels)
        assert_raises(ValueError, work.hinge_loss, SMALL.copy(), y.copy(), np.zeros(2), 0.0)
        assert_raises(ValueError, work.hinge_gradient, SMALL.copy(), y.copy(), np.zeros(2), 0.0)
        assert_raises(ValueError, work.fit_svm, SMALL.copy(), y.copy(), n_steps=3)
