"""Hidden test of p013_cross_entropy."""

import math

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    assert_close,
    assert_raises,
    assert_type,
    learner,
    no_warnings,
    rng,
    unchanged,
)

work = learner("cross_entropy")

SHAPES = [(1, 1), (1, 2), (2, 2), (3, 3), (7, 2), (2, 7), (127, 3), (128, 10)]


def plain_loss(probs: NDArray, classes: list[int]) -> float:
    """One sample after the other, by the standard library."""
    losses = [-math.log(max(row[k], 1e-12)) for row, k in zip(probs.astype(float).tolist(), classes, strict=True)]
    return math.fsum(losses) / len(losses)


def plain_loss_of_logits(logits: NDArray, classes: list[int]) -> float:
    losses = []
    for row, k in zip(logits.astype(float).tolist(), classes, strict=True):
        top = max(row)
        losses.append(math.log(math.fsum(math.exp(s - top) for s in row)) + top - row[k])
    return math.fsum(losses) / len(losses)


def one_hot(classes: list[int], c: int) -> NDArray[np.float64]:
    return np.array([[1.0 if j == k else 0.0 for j in range(c)] for k in classes]).reshape(len(classes), c)


def random_probs(stream: int, n: int, c: int) -> NDArray[np.float64]:
    weights = rng(stream).uniform(0.01, 1.0, (n, c))
    return weights / weights.sum(axis=1, keepdims=True)


def is_float(got: object) -> None:
    assert_type(got, (float, np.floating))


def test_probability_of_the_true_class() -> None:
    """The loss is the mean of -log(probability of the true class), with the natural logarithm."""
    probs = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]])
    for classes in ([0, 2], [1, 0]):
        expected = plain_loss(probs, classes)
        got = work.cross_entropy(probs.copy(), np.array(classes))
        is_float(got)
        assert_close(got, expected)


def test_any_number_of_samples_and_classes() -> None:
    """The mean runs over the samples, not the elements, for any number of samples and classes."""
    for stream, (n, c) in enumerate(SHAPES):
        probs, classes = random_probs(stream, n, c), rng(20 + stream).integers(0, c, n)
        logits = rng(40 + stream).normal(0.0, 3.0, (n, c))
        expected = plain_loss(probs, classes.tolist())
        expected_of_logits = plain_loss_of_logits(logits, classes.tolist())
        assert_close(work.cross_entropy(probs.copy(), classes.copy()), expected)
        assert_close(work.cross_entropy_from_logits(logits.copy(), classes.copy()), expected_of_logits)


def test_one_hot_labels() -> None:
    """One-hot labels, as bool, integers or floats, give the same loss as the classes they stand for."""
    for stream, (n, c) in enumerate([(2, 2), (3, 3), (2, 3), (5, 1), (7, 4)]):
        probs, logits = random_probs(60 + stream, n, c), rng(70 + stream).normal(0.0, 3.0, (n, c))
        classes = rng(80 + stream).integers(0, c, n).tolist()
        for dtype in (np.float64, np.int64, np.uint8, np.bool_):
            labels = one_hot(classes, c).astype(dtype)
            expected, expected_of_logits = plain_loss(probs, classes), plain_loss_of_logits(logits, classes)
            assert_close(work.cross_entropy(probs.copy(), labels.copy()), expected)
            assert_close(work.cross_entropy_from_logits(logits.copy(), labels.copy()), expected_of_logits)


def test_softmax_of_the_logits() -> None:
    """From logits, the loss is that of their softmax, row by row."""
    logits = np.log([[2.0, 1.0, 1.0], [0.1, 0.2, 0.7]])
    expected = -(math.log(0.25) + math.log(0.7)) / 2
    got = work.cross_entropy_from_logits(logits.copy(), np.array([1, 2]))
    is_float(got)
    assert_close(got, expected)
    assert_close(work.cross_entropy_from_logits(logits + 5.0, np.array([1, 2])), expected)


def test_huge_logits_do_not_overflow() -> None:
    """Logits of 1e4 and -1e4 give the exact loss, neither clipped nor infinite, without a warning."""
    cases = [([[0.0, -1e4]], [1]), ([[1e4, 0.0]], [0]), ([[1e4, 0.0, -1e4]], [2]), ([[710.0, 709.0]], [1])]
    cases += [([[1e4, 1e4 + 1], [-1e4, -1e4 + 1]], [0, 0]), ([[0.0, -40.0]], [1]), ([[-800.0, -801.0]], [1])]
    for rows, classes in cases:
        logits = np.array(rows)
        expected = plain_loss_of_logits(logits, classes)
        for labels in (np.array(classes), one_hot(classes, logits.shape[1])):
            with no_warnings():
                assert_close(work.cross_entropy_from_logits(logits.copy(), labels.copy()), expected)


def test_probabilities_of_zero() -> None:
    """A probability of exactly 0 counts as 1e-12 where it is the true class, and for nothing elsewhere; no warning."""
    probs = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    for classes in ([0, 2], [1, 1], [2, 0]):
        expected = plain_loss(probs, classes)
        for labels in (np.array(classes), one_hot(classes, 3)):
            with no_warnings():
                assert_close(work.cross_entropy(probs.copy(), labels.copy()), expected)


def test_small_probabilities_count_as_they_are() -> None:
    """Probabilities of the true class from 1e-11 to 1 are neither clipped nor moved."""
    for p in (1e-11, 1e-10, 1e-7, 1e-3, 0.999, 1.0):
        probs = np.array([[p, 1.0 - p]])
        assert_close(work.cross_entropy(probs.copy(), np.array([0])), -math.log(p), rtol=1e-9, atol=1e-13)


def test_masked_logits() -> None:
    """A logit of -inf drops out where another class is true and costs inf where it is true; no warning."""
    logits = np.array([[0.0, -math.inf, 1.0], [-math.inf, 2.0, -math.inf]])
    for classes in ([0, 1], [2, 1], [1, 1]):
        expected = math.inf if classes[0] == 1 else plain_loss_of_logits(logits, classes)
        for labels in (np.array(classes), one_hot(classes, 3)):
            with no_warnings():
                assert_close(work.cross_entropy_from_logits(logits.copy(), labels.copy()), expected)


def test_computed_as_float64() -> None:
    """float32 inputs and small integers are computed as float64: nothing wraps around or loses digits."""
    for dtype in (np.int8, np.uint8, np.int32, np.float32):
        logits = np.array([[3, 5, 4], [100, 1, 99], [127, 0, 120]], dtype=dtype)
        expected = plain_loss_of_logits(logits, [0, 1, 2])
        assert_close(work.cross_entropy_from_logits(logits.copy(), np.array([0, 1, 2])), expected, rtol=1e-12)
    probs = random_probs(90, 50, 7).astype(np.float32)
    classes = rng(91).integers(0, 7, 50)
    expected = plain_loss(probs, classes.tolist())
    for kind in (np.int64, np.uint8, np.int8):
        got = work.cross_entropy(probs.copy(), classes.astype(kind))
        is_float(got)
        assert_close(float(got), expected, rtol=1e-10)


def test_inputs_stay_as_they_were() -> None:
    """Probabilities, logits and labels are left as they were, also when they are views of other arrays."""
    base, logits = random_probs(100, 8, 3), rng(101).normal(0.0, 30.0, (8, 3))
    base[2] = [0.0, 1.0, 0.0]
    classes = rng(102).integers(0, 3, 16)
    hot = one_hot(classes.tolist(), 3)
    for rows, labels in ((base[::2], classes[:8:2]), (base[::-1], classes[15:7:-1]), (base, hot[::2])):
        wanted = labels.argmax(axis=1).tolist() if labels.ndim == 2 else labels.tolist()
        expected = plain_loss(rows, wanted)
        with unchanged(probs=rows, labels=labels, base=base):
            got = work.cross_entropy(rows, labels)
        assert_close(got, expected)
        scores = np.asfortranarray(logits[: len(rows)])
        expected = plain_loss_of_logits(scores, wanted)
        with unchanged(logits=scores, labels=labels):
            got = work.cross_entropy_from_logits(scores, labels)
        assert_close(got, expected)


def test_labels_out_of_range_are_refused() -> None:
    """A class below 0 or above c - 1 raises ValueError that names labels."""
    table = random_probs(110, 2, 3)
    for function in (work.cross_entropy, work.cross_entropy_from_logits):
        for labels in ([0, -1], [3, 0], [-3, 1], [1, 100]):
            assert_raises(ValueError, function, table.copy(), np.array(labels), mentions="labels")


def test_other_labels_are_refused() -> None:
    """Labels of another shape, floats as classes, and rows that are not one-hot raise ValueError that names labels."""
    shapes = [np.array([0]), np.array([0, 1, 2]), np.array([[0], [1]]), np.zeros((2, 2)), np.zeros((3, 2)), np.array(1)]
    rows = [np.zeros((2, 3)), np.array([[1, 1, 0], [0, 0, 1]]), np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])]
    rows += [np.array([[2, 0, 0], [0, 1, 0]]), np.array([[1, 1, -1], [1, 0, 0]]), np.array([0.0, 1.0])]
    table = random_probs(120, 2, 3)
    for function in (work.cross_entropy, work.cross_entropy_from_logits):
        for labels in shapes + rows:
            assert_raises(ValueError, function, table.copy(), labels.copy(), mentions="labels")


def test_other_tables_are_refused() -> None:
    """No samples, a table that is not two-dimensional, or rows that are no probabilities raise ValueError by name."""
    none = np.zeros(0, dtype=int)
    for function, name in ((work.cross_entropy, "probs"), (work.cross_entropy_from_logits, "logits")):
        for table, labels in ((np.zeros((0, 3)), none), (np.array([0.5, 0.5]), none), (np.full((1, 1, 2), 0.5), none)):
            assert_raises(ValueError, function, table.copy(), labels.copy(), mentions=name)
    for rows in ([[0.5, 0.6]], [[0.5, 0.5], [0.5, 0.499]], [[1.5, -0.5]], [[3.0, 1.0]], [[0.0, 0.0]]):
        assert_raises(ValueError, work.cross_entropy, np.array(rows), np.zeros(len(rows), dtype=int), mentions="probs")
    nearly = np.array([[0.5, 0.50005]])
    assert_close(work.cross_entropy(nearly, np.array([0])), math.log(2))
