"""Hidden test of p013_cross_entropy."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    assert_close,
    assert_raises,
    assert_type,
    edges,
    learner,
    no_warnings,
    rng,
    unchanged,
)

work = learner("cross_entropy")

REFUSED = (ValueError, IndexError)


def plain_loss(probs: NDArray[Any], classes: list[int]) -> float:
    """One sample after the other, by the standard library."""
    losses = [-math.log(max(row[k], 1e-12)) for row, k in zip(probs.astype(float).tolist(), classes, strict=True)]
    return math.fsum(losses) / len(losses)


def plain_loss_of_logits(logits: NDArray[Any], classes: list[int]) -> float:
    losses = []
    for row, k in zip(logits.astype(float).tolist(), classes, strict=True):
        top = max(row)
        losses.append(math.log(math.fsum(math.exp(s - top) for s in row)) + top - row[k])
    return math.fsum(losses) / len(losses)


def one_hot(classes: list[int], c: int) -> NDArray[np.float64]:
    return np.array([[1.0 if j == k else 0.0 for j in range(c)] for k in classes])


def random_probs(stream: int, n: int, c: int) -> NDArray[np.float64]:
    weights = rng(stream).uniform(0.01, 1.0, (n, c))
    return weights / weights.sum(axis=1, keepdims=True)


def assert_loss(probs: NDArray[Any], classes: list[int]) -> None:
    expected = plain_loss(probs, classes)
    got = work.cross_entropy(probs.copy(), np.array(classes))
    assert_close(got, expected)
    assert_type(got, (float, np.floating))


def assert_loss_of_logits(logits: NDArray[Any], classes: list[int], **options: float) -> None:
    expected = plain_loss_of_logits(logits, classes)
    got = work.cross_entropy_from_logits(logits.copy(), np.array(classes))
    assert_close(got, expected, **options)
    assert_type(got, (float, np.floating))


def test_probability_of_the_true_class() -> None:
    """1. The loss is the mean over the samples of -log(probability of the true class): a float."""
    assert_loss(np.array([[0.5, 0.25, 0.25]]), [1])
    assert_loss(np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]), [1, 2])
    for stream, (n, c) in enumerate([(3, 3), (2, 7), (127, 3)]):
        assert_loss(random_probs(stream, n, c), rng(20 + stream).integers(0, c, n).tolist())


def test_softmax_of_the_logits() -> None:
    """2. From logits, the loss is that of their softmax, row by row."""
    assert_loss_of_logits(np.array([[0.0, 1.0]]), [0])
    assert_loss_of_logits(np.array([[0.0, 1.0], [2.0, -1.0]]), [0, 1])
    for stream, (n, c) in enumerate([(3, 3), (2, 7), (127, 3)]):
        logits = rng(40 + stream).normal(0.0, 3.0, (n, c))
        assert_loss_of_logits(logits, rng(50 + stream).integers(0, c, n).tolist())


def test_one_hot_labels() -> None:
    """3. One-hot labels, as bool, integers or floats, cost the same as the classes they stand for."""
    for probs, classes in (
        (np.array([[0.2, 0.8]]), [1]),
        (np.array([[0.2, 0.8], [0.3, 0.7]]), [1, 0]),
        (random_probs(60, 7, 4), [0, 3, 1, 1, 2, 0, 3]),
    ):
        expected, expected_of_logits = plain_loss(probs, classes), plain_loss_of_logits(probs, classes)
        for dtype in (np.float64, np.int64, np.uint8, np.bool_):
            labels = one_hot(classes, probs.shape[1]).astype(dtype)
            assert_close(work.cross_entropy(probs.copy(), labels.copy()), expected)
            assert_close(work.cross_entropy_from_logits(probs.copy(), labels.copy()), expected_of_logits)


def test_huge_logits() -> None:
    """4. Scores of any size cost exactly what they should, without a warning."""
    cases = [([[0.0, -40.0]], [1]), ([[0.0, -1e4]], [1]), ([[1e4, 0.0]], [0]), ([[710.0, 709.0]], [1])]
    cases += [([[-800.0, -801.0]], [1]), ([[1e4, 1e4 + 1], [-1e4, -1e4 + 1]], [0, 0]), ([[1e200, 0.0]], [1])]
    for rows, classes in cases:
        with no_warnings():
            assert_loss_of_logits(np.array(rows), classes)


def test_small_probabilities() -> None:
    """5. A true class below 1e-12 counts as 1e-12, without a warning; from there to 1 it counts as it is."""
    for p in (0.0, 1e-15, 1e-11, 1e-10, 1e-7, 1e-3, 1.0 - 1e-10):
        with no_warnings():
            assert_loss(np.array([[p, 1.0 - p]]), [0])


edges()


def test_zeros_beside_the_true_class() -> None:
    """6. Zeros and logits of -inf beside the true class count for nothing, without a warning."""
    probs, logits = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, -math.inf], [0.0, 1.0]])
    expected, expected_of_logits = plain_loss(probs, [0, 1]), plain_loss_of_logits(logits, [0, 1])
    for labels in (np.array([0, 1]), one_hot([0, 1], 2)):
        with no_warnings():
            assert_close(work.cross_entropy(probs.copy(), labels.copy()), expected)
            assert_close(work.cross_entropy_from_logits(logits.copy(), labels.copy()), expected_of_logits)


def test_a_true_class_that_is_masked() -> None:
    """6. A true class with a logit of -inf costs inf, without a warning."""
    for labels in (np.array([1]), one_hot([1], 2)):
        with no_warnings():
            assert_close(work.cross_entropy_from_logits(np.array([[0.0, -math.inf]]), labels.copy()), math.inf)


def test_computed_in_float64() -> None:
    """7. float32 and small integers are computed in float64: nothing wraps around or loses digits."""
    for dtype in (np.uint8, np.int8, np.float32):
        for row in ([3, 5], [100, 1], [127, 120]):
            assert_loss_of_logits(np.array([row], dtype=dtype), [1], rtol=1e-12)
    assert_loss_of_logits(np.array([[-128, 127]], dtype=np.int8), [0], rtol=1e-12)
    probs = np.array([[0.3, 0.7]], dtype=np.float32)
    expected = plain_loss(probs, [0])
    assert_close(float(work.cross_entropy(probs.copy(), np.array([0], dtype=np.uint8))), expected, rtol=1e-10)


def test_arguments_stay_as_they_were() -> None:
    """8. Probabilities, logits and labels are left as they were."""
    probs, logits = np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([[3.0, 5.0], [1.0, 0.0]])
    for labels in (np.array([0, 1]), one_hot([0, 1], 2)):
        with unchanged(probs=probs, labels=labels):
            work.cross_entropy(probs, labels)
        with unchanged(logits=logits, labels=labels):
            work.cross_entropy_from_logits(logits, labels)


def test_other_labels_are_refused() -> None:
    """9. Labels of another shape or type, a class that does not exist, and rows that are not one-hot are refused."""
    one, two = np.array([[0.5, 0.5]]), np.array([[0.5, 0.5], [0.2, 0.8]])
    bad = [[-1], [2], [-2], [0.0], [True], [0, 1], [[0]], [[0, 0]], [[1, 1]], [[1, 0.5]], [[0.5, 0.5]], [[2, 0]]]
    cases: list[tuple[NDArray[Any], Any]] = [(one, labels) for labels in bad]
    cases += [(two, [0]), (two, [[1, 0]]), (two, [[1, 0], [0, 0]]), (two, [0, 2])]
    cases += [(np.full((1, 3), 1 / 3), [[1, 1, -1]])]
    for function in (work.cross_entropy, work.cross_entropy_from_logits):
        for table, labels in cases:
            assert_raises(REFUSED, function, table.copy(), np.array(labels))


def test_rows_that_are_no_probabilities_are_refused() -> None:
    """10. A negative probability, or a row whose sum is off 1 by more than 1e-4, is refused."""
    for rows in ([[1.5, -0.5]], [[0.5, 0.6]], [[0.5, 0.4998]], [[0.0, 0.0]], [[0.5, 0.5], [3.0, 1.0]]):
        assert_raises(REFUSED, work.cross_entropy, np.array(rows), np.zeros(len(rows), dtype=int))
    assert_loss(np.array([[0.5, 0.50005]]), [0])
