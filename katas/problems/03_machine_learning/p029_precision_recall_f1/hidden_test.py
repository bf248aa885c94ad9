"""Hidden test of p029_precision_recall_f1."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    edges,
    learner,
    no_warnings,
    require,
    rng,
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


def matrix_is(true: Any, predicted: Any, **settings: Any) -> None:
    names = plain(settings.get("labels", labels_of(plain(true), plain(predicted))))
    expected = slow_matrix(plain(true), plain(predicted), names)
    got = as_array(work.confusion_matrix(true, predicted, **settings))
    assert_close(got, expected)
    assert_dtype(got, "integer")


def scores_are(true: Any, predicted: Any, **settings: Any) -> None:
    names = plain(settings.get("labels", labels_of(plain(true), plain(predicted))))
    average, zero = settings.get("average"), settings.get("zero_division", 0.0)
    expected = slow_scores(plain(true), plain(predicted), average, names, zero)
    compare(work.precision_recall_f1(true, predicted, **settings), expected, average)


def compare(got: Any, expected: Any, average: str | None) -> None:
    is_three = isinstance(got, tuple | list) and len(got) == 3
    require(is_three, "precision_recall_f1 must return a tuple (precision, recall, f1)", got=got, expected=expected)
    for name, found, wanted in zip(NAMES, got, expected, strict=True):
        assert_close(found, wanted, rtol=1e-9, what=f"{average} {name}" if average else f"{name} by label")


def plain(values: Any) -> list[Any]:
    return list(values.tolist() if isinstance(values, np.ndarray) else values)


def cases() -> list[tuple[Array, Array]]:
    """Pairs of labels of many kinds, each label on both sides."""
    kinds = [np.array([0, 1]), np.array([-7, 0, 3, 500]), np.array(["bull", "cow", "ox"]), np.array([False, True])]
    found = []
    for stream, (n, kind) in enumerate([(7, 2), (40, 1), (129, 0), (60, 3), (33, 2)]):
        names = kinds[kind]
        true = names[np.minimum(rng(stream).permutation(n) % 6, len(names) - 1)]
        mixed = np.where(rng(40 + stream).random(n) < 0.4, rng(20 + stream).permutation(true), true)
        found.append((np.concatenate([names, true]), np.concatenate([names, mixed])))
    return found


def test_rows_are_true_and_columns_predicted() -> None:
    """1. Entry [i, j] of the matrix counts the samples that are label i and were predicted as label j."""
    matrix_is([0, 0, 0, 1], [1, 1, 0, 1])
    matrix_is([False, True, True], [False, True, False])
    for true, predicted in cases():
        matrix_is(true, predicted)


def test_scores_by_label() -> None:
    """4. By label, precision is tp / (tp + fp), recall tp / (tp + fn), and F1 2 tp / (2 tp + fp + fn)."""
    scores_are([0, 0, 1], [0, 1, 1])
    scores_are([0, 0, 0, 1, 1], [0, 1, 1, 1, 0])
    for true, predicted in cases():
        scores_are(true, predicted)


def test_micro_adds_up_the_counts() -> None:
    """5. Micro scores are made of tp, fp and fn added up over all labels."""
    scores_are([0, 0, 1], [0, 1, 1], average="micro")
    for true, predicted in cases():
        scores_are(true, predicted, average="micro")


def test_macro_is_the_mean_over_labels() -> None:
    """6. Macro scores are plain means over the labels; macro F1 is the mean of the F1 scores."""
    scores_are([0, 0, 1], [0, 1, 1], average="macro")
    for true, predicted in cases():
        scores_are(true, predicted, average="macro")


def test_weighted_counts_true_samples() -> None:
    """7. Weighted scores are means weighted by how many samples truly are each label."""
    scores_are([0, 0, 1], [0, 1, 1], average="weighted")
    for true, predicted in cases():
        scores_are(true, predicted, average="weighted")


edges()


def test_a_denominator_of_zero() -> None:
    """8. A score is zero_division where its own denominator is 0, and only there; nothing warns."""
    for true, predicted in [([0, 1], [1, 1]), ([0, 1, 2], [1, 0, 2]), ([0, 1, 2], [2, 2, 2])]:
        with no_warnings():
            scores_are(true, predicted)
            for zero in (0.0, 1.0):
                scores_are(true, predicted, zero_division=zero)
                scores_are(true, predicted, average="micro", zero_division=zero)


def test_labels_of_one_side_only() -> None:
    """2. A label that is only true, or only predicted, has its row and column, sorted among the others."""
    matrix_is([0, 1], [0, 0])
    matrix_is([0, 0], [0, 1])
    matrix_is([9, 10], [9, 9])
    matrix_is(["b", "a", "c"], ["b", "b", "b"])
    matrix_is(np.array([5, 5]), np.array([-1, 9]))
    matrix_is(np.array(["ox", "cow"]), np.array(["ox", "cowbird"]))
    matrix_is(np.array([2, 2, 2]), np.array([2, 2, 2]))
    scores_are([0, 0, 1], [0, 3, 1], average="macro")
    scores_are([0, 0, 3, 1], [0, 0, 0, 1], average="macro")


def test_a_given_order_of_labels() -> None:
    """3. labels sets the order of rows, columns and scores, and may hold labels that do not occur."""
    matrix_is([1, 0], [0, 0], labels=[1, 0])
    matrix_is([1, 0], [0, 0], labels=[0, 1, 2])
    matrix_is(*PETS, labels=["emu", "cat", "dog"])
    matrix_is(np.array([3, 0, 3]), np.array([0, 0, 3]), labels=np.array([7, 3, 5, 0]))
    scores_are([1, 0], [0, 0], labels=[1, 0])
    scores_are([0, 0], [0, 0], labels=[0, 1], zero_division=1.0)
    scores_are(*PETS, labels=["emu", "ant", "dog", "cat"])
    for average in AVERAGES:
        for zero in (0.0, 1.0):
            scores_are(*PETS, average=average, labels=["emu", "ant", "dog", "cat"], zero_division=zero)


# Noted from scikit-learn 1.9.1, whose import takes longer than all else here.
LIBRARY_SCORES = {
    (0.0, "micro"): [0.575, 0.575, 0.575],
    (0.0, "macro"): [0.484126984127, 0.402133580705, 0.432735914879],
    (0.0, "weighted"): [0.718055555556, 0.575, 0.629307844933],
    (1.0, "micro"): [0.575, 0.575, 0.575],
    (1.0, "macro"): [0.626984126984, 0.687847866419, 0.432735914879],
    (1.0, "weighted"): [0.893055555556, 0.575, 0.629307844933],
}


def test_agrees_with_scikit_learn() -> None:
    """8. The averages are scikit-learn's, also with labels that are only predicted, or only true."""
    numbers = np.arange(40)
    true = numbers * 7 % 11 % 5
    predicted = np.where(numbers % 3 == 0, (true + numbers // 3) % 7, true)
    predicted = np.where(predicted == 3, 6, predicted)
    for (zero, average), expected in LIBRARY_SCORES.items():
        got = work.precision_recall_f1(true.copy(), predicted.copy(), average=average, zero_division=zero)
        compare(got, expected, average)


def test_bad_input_is_refused() -> None:
    """9. Other lengths, labels that repeats or lacks one, and another average raise ValueError."""
    cases: list[tuple[list[Any], list[Any], dict[str, Any]]] = [
        ([0, 1], [0], {}),
        ([0, 1], [0, 1, 1], {}),
        ([0], [0, 1, 1], {}),
        ([0, 1], [0, 1], {"labels": [0]}),
        ([0, 0], [0, 1], {"labels": [0]}),
        ([0, 1], [1, 1], {"labels": [1]}),
        ([0, 1], [0, 1], {"labels": []}),
        ([0, 1], [0, 1], {"labels": [0, 1, 1]}),
        (["a", "b"], ["a", "b"], {"labels": ["a", "c"]}),
    ]
    for true, predicted, settings in cases:
        assert_raises(ValueError, work.confusion_matrix, true, predicted, **settings)
        assert_raises(ValueError, work.precision_recall_f1, true, predicted, **settings)
    for average in ("binary", "Macro", ""):
        assert_raises(ValueError, work.precision_recall_f1, [0, 1], [0, 1], average=average)
