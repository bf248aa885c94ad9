"""Hidden test of p029_precision_recall_f1."""

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_type,
    learner,
    no_warnings,
    require,
    rng,
    seed,
    unchanged,
)

work = learner("classification_scores")
Array = NDArray[Any]

PETS = ["cat", "cat", "cat", "dog", "emu"], ["cat", "dog", "cat", "dog", "dog"]
AVERAGES = ("micro", "macro", "weighted")
NAMES = ("precision", "recall", "f1")


def labels_of(true: list[Any], predicted: list[Any]) -> list[Any]:
    return sorted(set(true) | set(predicted))


def slow_matrix(true: list[Any], predicted: list[Any], labels: list[Any]) -> list[list[int]]:
    """Count the samples one by one."""
    matrix = [[0] * len(labels) for _ in labels]
    for t, p in zip(true, predicted, strict=True):
        matrix[labels.index(t)][labels.index(p)] += 1
    return matrix


def slow_scores(true: list[Any], predicted: list[Any], average: str | None, labels: list[Any], zero: float) -> Any:
    """The three scores from tp, fp and fn, label by label."""
    pairs = list(zip(true, predicted, strict=True))
    counts = []
    for label in labels:
        tp = sum(t == label and p == label for t, p in pairs)
        fp = sum(t != label and p == label for t, p in pairs)
        fn = sum(t == label and p != label for t, p in pairs)
        counts.append((tp, fp, fn))
    if average == "micro":
        return three(*(sum(column) for column in zip(*counts, strict=True)), zero)
    by_label = [three(*c, zero) for c in counts]
    columns = [list(column) for column in zip(*by_label, strict=True)]
    if average is None:
        return columns
    weights = [tp + fn for tp, _, fn in counts] if average == "weighted" else [1] * len(labels)
    return [sum(w * s for w, s in zip(weights, column, strict=True)) / sum(weights) for column in columns]


def three(tp: int, fp: int, fn: int, zero: float) -> list[float]:
    parts = [(tp, tp + fp), (tp, tp + fn), (2 * tp, 2 * tp + fp + fn)]
    return [part / whole if whole else zero for part, whole in parts]


def matrix_is(true: Any, predicted: Any, labels: Any = None) -> None:
    names = labels_of(plain(true), plain(predicted)) if labels is None else plain(labels)
    expected = slow_matrix(plain(true), plain(predicted), names)
    settings = {} if labels is None else {"labels": labels}
    with unchanged(y_true=true, y_pred=predicted, **settings), no_warnings():
        got = as_array(work.confusion_matrix(true, predicted, **settings))
    assert_dtype(got, "integer")
    assert_close(got, expected)


def scores_are(true: Any, predicted: Any, average: str | None, zero: float | None = None, labels: Any = None) -> None:
    names = labels_of(plain(true), plain(predicted)) if labels is None else plain(labels)
    expected = slow_scores(plain(true), plain(predicted), average, names, zero or 0.0)
    settings: dict[str, Any] = {} if average is None else {"average": average}
    settings |= {} if labels is None else {"labels": labels}
    settings |= {} if zero is None else {"zero_division": zero}
    with unchanged(y_true=true, y_pred=predicted), no_warnings():
        got = work.precision_recall_f1(true, predicted, **settings)
    require(isinstance(got, tuple) and len(got) == 3, "must give a tuple (precision, recall, f1)", got=got)
    for name, found, wanted in zip(NAMES, got, expected, strict=True):
        if average is not None:
            assert_type(found, (float, np.floating), what=f"{average} {name}")
        else:
            assert_dtype(as_array(found, name), "floating", what=name)
        assert_close(found, wanted, what=f"{average} {name}" if average else f"{name} by label")


def plain(values: Any) -> list[Any]:
    return list(values.tolist() if isinstance(values, np.ndarray) else values)


def cases() -> list[tuple[Array, Array]]:
    """Pairs of labels of many kinds; some occur on one side only."""
    kinds = [np.array([0, 1]), np.array([-7, 0, 3, 500]), np.array(["ox", "cow", "bull"]), np.array([False, True])]
    found = []
    for stream, (n, kind) in enumerate([(1, 0), (2, 1), (7, 2), (40, 1), (129, 0), (60, 3), (33, 2)]):
        names = kinds[kind]
        true = names[rng(stream).integers(0, len(names), n)]
        swapped = names[rng(20 + stream).integers(0, len(names), n)]
        found.append((true, np.where(rng(40 + stream).random(n) < 0.4, swapped, true)))
    return found


def test_rows_are_true_and_columns_predicted() -> None:
    """Entry [i, j] of the matrix counts the samples that are label i and were predicted as label j."""
    matrix_is([0, 0, 1], [1, 1, 1])
    matrix_is(*PETS)
    for true, predicted in cases():
        matrix_is(true, predicted)


def test_labels_of_one_side_only() -> None:
    """A label that is never predicted, or never true, keeps its row and column, sorted among the others."""
    matrix_is(["b", "a", "c"], ["b", "b", "b"])
    matrix_is(np.array([5, 5]), np.array([-1, 9]))
    matrix_is(np.array(["ox", "cow"]), np.array(["ox", "cowbird"]))
    matrix_is(np.array([2, 2, 2]), np.array([2, 2, 2]))
    scores_are(np.array([0, 1, 2, 2]), np.array([0, 1, 1, 0]), None)
    scores_are(np.array([0, 0, 1]), np.array([0, 3, 1]), "macro")


def test_a_given_order_of_labels() -> None:
    """labels sets the order of the rows, columns and scores, and may hold labels that do not occur."""
    matrix_is(*PETS, labels=["emu", "cat", "dog"])
    matrix_is(np.array([1, 0, 1]), np.array([0, 0, 1]), labels=[1, 0])
    matrix_is(np.array([3, 0, 3]), np.array([0, 0, 3]), labels=np.array([7, 3, 5, 0]))
    scores_are(*PETS, None, labels=["emu", "ant", "dog", "cat"])
    for average in AVERAGES:
        scores_are(*PETS, average, labels=["emu", "ant", "dog", "cat"])


def test_scores_by_label() -> None:
    """By label, precision is tp / (tp + fp), recall tp / (tp + fn), and F1 2 tp / (2 tp + fp + fn)."""
    scores_are(*PETS, None)
    for true, predicted in cases():
        scores_are(true, predicted, None)


def test_micro_adds_up_the_counts() -> None:
    """Micro scores are made of tp, fp and fn added up over all labels."""
    scores_are(*PETS, "micro")
    for true, predicted in cases():
        scores_are(true, predicted, "micro")


def test_macro_is_the_mean_over_labels() -> None:
    """Macro scores are plain means over the labels; macro F1 is the mean of the F1 scores."""
    scores_are(*PETS, "macro")
    for true, predicted in cases():
        scores_are(true, predicted, "macro")


def test_weighted_counts_true_samples() -> None:
    """Weighted scores are means weighted by how many samples truly are each label."""
    scores_are(*PETS, "weighted")
    for true, predicted in cases():
        scores_are(true, predicted, "weighted")


def test_a_denominator_of_zero() -> None:
    """A score is zero_division where its own denominator is 0, and only there; no warning is given."""
    one_sided = [(np.array([0, 1, 2]), np.array([0, 0, 0])), (np.array([0, 0]), np.array([1, 1])), PETS]
    for true, predicted in one_sided:
        for zero in (None, 0.0, 1.0):
            scores_are(true, predicted, None, zero)
            for average in AVERAGES:
                scores_are(true, predicted, average, zero)
    for zero in (0.0, 1.0):
        scores_are(np.array([1, 1]), np.array([1, 1]), None, zero, labels=[0, 1])
        scores_are(np.array([1, 1]), np.array([1, 1]), "macro", zero, labels=[0, 1, 2])


# Noted from scikit-learn 1.9.1. Importing it can take longer than all else here, so that a learner's run compares
# with these numbers, and only a run from another seed (the audit's) asks the library itself.
LIBRARY_SCORES = {
    (0.0, "micro"): [0.575, 0.575, 0.575],
    (0.0, "macro"): [0.484126984127, 0.402133580705, 0.432735914879],
    (0.0, "weighted"): [0.718055555556, 0.575, 0.629307844933],
    (1.0, "micro"): [0.575, 0.575, 0.575],
    (1.0, "macro"): [0.626984126984, 0.687847866419, 0.432735914879],
    (1.0, "weighted"): [0.893055555556, 0.575, 0.629307844933],
}


def test_agrees_with_scikit_learn() -> None:
    """Matrix and scores agree with scikit-learn's, also for labels that are only predicted, or never."""
    numbers = np.arange(40)
    true = numbers * 7 % 11 % 5
    predicted = np.where(numbers % 3 == 0, (true + numbers // 3) % 7, true)
    predicted = np.where(predicted == 3, 6, predicted)
    for (zero, average), expected in LIBRARY_SCORES.items():
        scores_are(true, predicted, average, zero)
        got = work.precision_recall_f1(true.copy(), predicted.copy(), average=average, zero_division=zero)
        assert_close(got, expected, rtol=1e-9)
    true, predicted = rng(80).integers(0, 5, 200), rng(81).integers(0, 6, 200)
    matrix_is(true, predicted)
    if (metrics := scikit_learn_metrics()) is None:
        return
    assert_close(work.confusion_matrix(true.copy(), predicted.copy()), metrics.confusion_matrix(true, predicted))
    for average in (None, *AVERAGES):
        for zero in (0.0, 1.0):
            got = work.precision_recall_f1(true.copy(), predicted.copy(), average=average, zero_division=zero)
            settings = {"average": average, "zero_division": zero}
            library = metrics.precision_recall_fscore_support(true, predicted, **settings)[:3]
            for name, found, wanted in zip(NAMES, got, library, strict=True):
                assert_close(found, wanted, what=f"{average} {name}")


def scikit_learn_metrics() -> Any:
    try:
        return importlib.import_module("sklearn.metrics") if seed() else None
    except ImportError:
        return None


def test_bad_input_is_refused_by_name() -> None:
    """A bad y_true, y_pred, labels or average raises ValueError with a message that names it."""
    cases: list[tuple[str, list[Any], list[Any], dict[str, Any]]] = [
        ("y_true", [], [], {}),
        ("y_pred", [0, 1], [0], {}),
        ("y_pred", [0, 1], [0, 1, 1], {}),
        ("y_pred", [0, 1], [], {}),
        ("labels", [0, 1], [0, 1], {"labels": [0]}),
        ("labels", [0, 0], [0, 1], {"labels": [0]}),
        ("labels", [0, 1], [1, 1], {"labels": [1]}),
        ("labels", [0, 1], [0, 1], {"labels": [0, 1, 1]}),
        ("labels", ["a", "b"], ["a", "b"], {"labels": ["a", "c"]}),
    ]
    for name, true, predicted, settings in cases:
        assert_raises(ValueError, work.confusion_matrix, true, predicted, mentions=name, **settings)
        assert_raises(ValueError, work.precision_recall_f1, true, predicted, mentions=name, **settings)
    for average in ("binary", "Macro", ""):
        assert_raises(ValueError, work.precision_recall_f1, [0, 1], [0, 1], average=average, mentions="average")
    assert_equal(as_array(work.confusion_matrix([0, 1], [0, 1])), [[1, 0], [0, 1]])
