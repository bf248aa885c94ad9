"""Hidden test of p097_cost_sensitive_loss."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_shape,
    edges,
    fail,
    learner,
    no_warnings,
    rng,
    unchanged,
)

work = learner("cost_sensitive")
Array = NDArray[Any]


def plain_weights(labels: list[int], n_classes: int) -> list[float]:
    m = len(set(labels))
    return [len(labels) / (m * labels.count(k)) if k in labels else 0.0 for k in range(n_classes)]


def plain_loss(logits: Array, y: Array, weights: Array) -> float:
    """The weighted mean of the costs, one row after the other."""
    total, parts = 0.0, []
    for row, label in zip(logits.tolist(), y.tolist(), strict=True):
        top = max(row)
        log_sum = top + math.log(math.fsum(math.exp(score - top) for score in row))
        parts.append(float(weights[label]) * (log_sum - row[label]))
        total += float(weights[label])
    return math.fsum(parts) / total if total else 0.0


def by_differences(logits: Array, y: Array, weights: Array) -> Array:
    """The gradient by central differences, one logit after the other."""
    gradient, step = np.zeros(logits.shape), 1e-5
    for place in np.ndindex(logits.shape):
        sides = []
        for sign in (1, -1):
            moved = logits.copy()
            moved[place] += sign * step
            sides.append(plain_loss(moved, y, weights))
        gradient[place] = (sides[0] - sides[1]) / (2 * step)
    return gradient


def plain_cheapest(probabilities: Array, cost: Array) -> list[int]:
    answers = []
    for p in probabilities.tolist():
        expected = [math.fsum(p[t] * c for t, c in enumerate(column)) for column in cost.T.tolist()]
        answers.append(expected.index(min(expected)))
    return answers


def case(stream: int, n: int, n_classes: int) -> tuple[Array, Array, Array]:
    draw = rng(stream)
    y = draw.integers(0, n_classes, n)
    return draw.normal(0.0, 2.0, (n, n_classes)), y, draw.uniform(0.2, 5.0, n_classes)


def test_weights_balance_the_classes() -> None:
    """1. Class k weighs n / (m · n_k), so that every class that occurs has the same share of the whole weight."""
    drawn = [rng(s).choice(k, n, p=rng(s + 5).dirichlet(np.ones(k))) for s, (k, n) in enumerate([(3, 40), (5, 200)])]
    for y, k in (([0, 0, 0, 1], 2), ([2, 1, 2, 0, 2], 3), ([0], 1), (drawn[0], 3), (drawn[1], 5)):
        labels = np.array(y)
        expected = plain_weights(labels.tolist(), k)
        assert_close(work.class_weights(labels.copy(), k), expected)


def test_loss_is_the_weighted_mean() -> None:
    """3. The loss is the weighted mean of the rows' costs: their sum is divided by the sum of the rows' weights."""
    one_each = np.log([[0.5, 0.5], [0.75, 0.25]]), np.array([0, 1]), np.array([1.0, 3.0])
    for logits, y, weights in (one_each, case(10, 1, 3), case(11, 7, 2), case(12, 60, 5)):
        for w in (np.ones_like(weights), weights):
            expected = plain_loss(logits, y, w)
            assert_close(work.weighted_loss(logits.copy(), y.copy(), w.copy()), expected)


def test_gradient_agrees_with_finite_differences() -> None:
    """5. The gradient is the derivative of the loss: it agrees with finite differences, logit by logit."""
    small = np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([0, 1]), np.array([1.0, 4.0])
    for logits, y, weights in (small, case(20, 1, 3), case(21, 5, 4), case(22, 12, 2)):
        expected = by_differences(logits, y, weights)
        got = work.weighted_gradient(logits.copy(), y.copy(), weights.copy())
        assert_close(got, expected, rtol=1e-6, atol=1e-8)


def recalls(stream: int, sizes: tuple[int, ...]) -> tuple[list[float], list[float]]:
    """Recall of each class but 0, of models that are trained with equal weights and with class_weights."""
    draw = rng(stream)
    y = np.repeat(np.arange(len(sizes)), sizes)
    angles = y * 2.0
    X = draw.normal(size=(len(y), 2)) + 1.3 * np.where(y == 0, 0.0, [np.cos(angles), np.sin(angles)]).T
    X = np.column_stack([X, np.ones(len(y))])
    balanced = as_array(work.class_weights(y.copy(), len(sizes)), "class_weights")
    assert_shape(balanced, (len(sizes),), what="class_weights")
    found = []
    for weights in (np.ones(len(sizes)), balanced):
        W = np.zeros((3, len(sizes)))
        for _ in range(200):
            slopes = as_array(work.weighted_gradient(X @ W, y.copy(), weights.copy()), "weighted_gradient")
            assert_shape(slopes, (len(y), len(sizes)), what="weighted_gradient")
            W = W - X.T @ slopes
        answers = (X @ W).argmax(axis=1)
        found.append([float((answers[y == k] == k).mean()) for k in range(1, len(sizes))])
    return found[0], found[1]


def test_rare_classes_are_found() -> None:
    """5. Trained by gradient descent with class_weights, a model finds far more of a rare class than without."""
    for stream, sizes in enumerate([(570, 30), (950, 50), (900, 50, 50)]):
        equal, weighted = recalls(30 + stream, sizes)
        for k, (before, after) in enumerate(zip(equal, weighted, strict=True), start=1):
            if not after > before + 0.2:
                fail(
                    f"a softmax regression was trained on classes of {' and '.join(map(str, sizes))} rows, with equal "
                    f"weights and with class_weights; it should find far more of class {k} with these",
                    got=Shown(f"{before:.0%} with equal weights, {after:.0%} with class_weights"),
                    expected=Shown("at least 20 percent of the class more"),
                    call="W = W - X.T @ weighted_gradient(X @ W, y, weights), 200 times",
                )


def test_cheapest_answer() -> None:
    """8. For each row the answer of the smallest expected cost: cost[t, k] is that of answering k where t is true."""
    fraud = np.array([[0.0, 1.0], [50.0, 0.0]])
    sure = np.array([[0.99, 0.01], [0.97, 0.03]])
    cases = [(sure, fraud), (sure, fraud.T), (sure, np.array([[4.0, 1.0], [0.0, 9.0]]))]
    for stream, (n, k) in enumerate([(1, 3), (6, 3), (40, 4)]):
        cases.append((rng(40 + stream).dirichlet(np.ones(k), n), rng(45 + stream).uniform(-1.0, 9.0, (k, k))))
    for probabilities, cost in cases:
        expected = plain_cheapest(probabilities, cost)
        assert_equal(as_array(work.cheapest_class(probabilities.copy(), cost.copy())), np.array(expected))


edges()


def test_only_ratios_of_weights_count() -> None:
    """4. All weights times 1e-9 or 1e9 change neither the loss nor the gradient."""
    for logits, y, weights in (case(50, 2, 2), case(51, 9, 3)):
        expected = plain_loss(logits, y, weights)
        slopes = by_differences(logits, y, weights)
        for factor in (1e-9, 1e9):
            assert_close(work.weighted_loss(logits.copy(), y.copy(), weights * factor), expected)
            got = work.weighted_gradient(logits.copy(), y.copy(), weights * factor)
            assert_close(got, slopes, rtol=1e-6, atol=1e-8)


def test_classes_that_do_not_occur() -> None:
    """2. A class without a row weighs 0, without a warning, and does not change the weights of the others."""
    for y, k in (([0, 0, 2], 3), ([1, 1], 2), ([1, 3, 3, 3], 6)):
        labels = np.array(y)
        expected = plain_weights(y, k)
        with no_warnings():
            assert_close(work.class_weights(labels.copy(), k), expected)


def test_logits_of_any_size() -> None:
    """6. Logits of 10,000 and -10,000 have the right loss and gradient, without a warning."""
    weights = np.array([1.0, 3.0])
    for rows in ([[0.0, -1e4]], [[1e4, 1e4 - 1]], [[-1e4, -1e4 - 2]], [[1e4, -1e4], [-1e4, -1e4 + 1], [1e4, 1e4]]):
        logits = np.array(rows)
        for y in (np.ones(len(rows), dtype=int), np.zeros(len(rows), dtype=int)):
            expected = plain_loss(logits, y, weights)
            p = np.exp(logits - logits.max(axis=1, keepdims=True))
            slopes = (p / p.sum(axis=1, keepdims=True) - np.eye(2)[y]) / len(rows)
            with no_warnings():
                assert_close(work.weighted_loss(logits.copy(), y.copy(), weights.copy()), expected)
                assert_close(work.weighted_gradient(logits.copy(), y.copy(), weights.copy()), slopes)


def test_batches_without_weight() -> None:
    """7. Where every row weighs 0 the loss is 0 and the gradient all zeros, without a warning."""
    logits, weights = rng(60).normal(size=(3, 3)), np.array([2.0, 0.0, 0.0])
    for y in (np.array([1, 2, 1]), np.array([2, 2, 2])):
        with no_warnings():
            assert_close(work.weighted_loss(logits.copy(), y.copy(), weights.copy()), 0.0)
            assert_close(work.weighted_gradient(logits.copy(), y.copy(), weights.copy()), np.zeros((3, 3)))


def test_rows_without_weight() -> None:
    """3. A row whose class weighs 0 counts for nothing: its gradient is 0, and the others are as without it."""
    logits, y, weights = rng(61).normal(size=(4, 3)), np.array([0, 1, 0, 2]), np.array([2.0, 0.0, 3.0])
    expected = plain_loss(logits, y, weights)
    slopes = by_differences(logits, y, weights)
    assert_close(work.weighted_loss(logits.copy(), y.copy(), weights.copy()), expected)
    assert_close(work.weighted_gradient(logits.copy(), y.copy(), weights.copy()), slopes, rtol=1e-6, atol=1e-8)


def test_ties_between_costs() -> None:
    """8. Of several cheapest answers the smallest label is returned."""
    third = np.array([[0.25, 0.25, 0.5]])
    for probabilities, cost in (
        (np.array([[0.5, 0.5]]), np.array([[0.0, 1.0], [1.0, 0.0]])),
        (third, np.array([[8.0, 4.0, 0.0], [8.0, 0.0, 4.0], [8.0, 2.0, 2.0]])),
        (third, np.zeros((3, 3))),
    ):
        expected = plain_cheapest(probabilities, cost)
        assert_equal(as_array(work.cheapest_class(probabilities.copy(), cost.copy())), np.array(expected))


def test_labels_of_any_integer_type() -> None:
    """9. Labels of uint8, int8, uint64 and int64 lead to the same weights, loss and gradient."""
    logits, y, weights = case(70, 20, 3)
    counted = plain_weights(y.tolist(), 3)
    expected = plain_loss(logits, y, weights)
    slopes = by_differences(logits, y, weights)
    many = np.repeat([0, 1], [300, 100])
    for dtype in (np.uint8, np.int8, np.uint64, np.int64):
        labels = y.astype(dtype)
        assert_close(work.class_weights(labels.copy(), 3), counted)
        assert_close(work.class_weights(many.astype(dtype), 2), [400 / 600, 2.0])
        assert_close(work.weighted_loss(logits.copy(), labels.copy(), weights.copy()), expected)
        assert_close(work.weighted_gradient(logits.copy(), labels.copy(), weights.copy()), slopes, rtol=1e-6, atol=1e-8)
    # 300 rows of 2: twice the last row is no int8 and no uint8.
    logits, y = rng(75).normal(size=(300, 2)), rng(76).integers(0, 2, 300)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    slopes = (p - np.eye(2)[y]) / 300
    for dtype in (np.int8, np.uint8):
        assert_close(work.weighted_gradient(logits.copy(), y.astype(dtype), np.ones(2)), slopes)


def test_arguments_stay_as_they_were() -> None:
    """9. Logits, labels, weights, probabilities and costs are left as they were, views of other arrays included."""
    base, _, weights = case(80, 8, 6)
    for logits in (base.copy(), base[:, ::2]):
        k = logits.shape[1]
        labels, w = np.arange(8) % k, weights[:k].copy()
        p, cost = rng(81).dirichlet(np.ones(k), 4), rng(82).uniform(0.0, 5.0, (k, k))
        with unchanged(y=labels):
            work.class_weights(labels, k)
        for function in (work.weighted_loss, work.weighted_gradient):
            with unchanged(logits=logits, base=base, y=labels, weights=w):
                function(logits, labels, w)
        with unchanged(probabilities=p, cost=cost):
            work.cheapest_class(p, cost)


def test_labels_out_of_range_are_refused() -> None:
    """10. A label below 0 or above K - 1 is refused by class_weights, weighted_loss and weighted_gradient."""
    for bad in ([-1, 0], [0, 2], [0, 1, -2], [1, 1, 7]):
        y = np.array(bad)
        logits, weights = np.zeros((len(y), 2)), np.ones(2)
        assert_raises((ValueError, IndexError), work.class_weights, y.copy(), 2)
        assert_raises((ValueError, IndexError), work.weighted_loss, logits.copy(), y.copy(), weights.copy())
        assert_raises((ValueError, IndexError), work.weighted_gradient, logits.copy(), y.copy(), weights.copy())


def test_weights_of_another_shape_are_refused() -> None:
    """11. Weights that are not one for each class raise ValueError or IndexError, also if they are one for each row."""
    logits, y = np.zeros((4, 3)), np.array([0, 1, 0, 1])
    for shape in ((4,), (2,), (1,), (3, 1), (4, 3)):
        for function in (work.weighted_loss, work.weighted_gradient):
            assert_raises((ValueError, IndexError), function, logits.copy(), y.copy(), np.ones(shape))
