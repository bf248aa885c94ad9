"""Hidden test of p004_one_hot_encoder."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_memory,
    assert_raises,
    calling,
    learner,
    require,
    rng,
    shorten,
    unchanged,
)

work = learner("one_hot")
Array = NDArray[Any]
COLOURS = np.array(["red", "blue", "green", "blue"])


def fitted(values: Array, **settings: str) -> Any:
    """An encoder of the learner's that has learned from a copy of values."""
    with calling(f"OneHotEncoder({told(settings)}).fit({shorten(values, 60)})"):
        encoder = work.OneHotEncoder(**settings)
        got = encoder.fit(values.copy())
        require(got is encoder, "fit must give the encoder itself; is `return self` missing?")
    return encoder


def told(settings: dict[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in settings.items())


def transform(encoder: Any, values: Array) -> Array:
    """What transform gives, found to be float64."""
    with calling(f"encoder.transform({shorten(values, 80)})"):
        got = as_array(encoder.transform(values), "transform")
        assert_dtype(got, np.float64, what="transform")
    return got


def inverse(encoder: Any, matrix: Array) -> Array:
    with calling(f"encoder.inverse_transform({shorten(matrix, 80)})"):
        got = encoder.inverse_transform(matrix)
        require(isinstance(got, np.ndarray), f"inverse_transform gave a {type(got).__name__}, expected an array")
    return np.asarray(got)


def refused(errors: type[Exception], encoder: Any, method: str, value: Any, mentions: str = "") -> None:
    with calling(f"encoder.{method}({shorten(value, 80)})"):
        assert_raises(errors, getattr(encoder, method), value, mentions=mentions)


def plain_one_hot(values: Array, categories: list[Any]) -> Array:
    """Row by row, entry by entry."""
    rows = [[1.0 if value == category else 0.0 for category in categories] for value in values.tolist()]
    return np.array(rows, dtype=float).reshape(len(values), len(categories))


def test_one_column_for_each_category() -> None:
    """Each row has a 1 in the column of its category and zeros elsewhere; the columns stand in ascending order."""
    encoder = fitted(COLOURS)
    assert_equal(getattr(encoder, "categories_", None), ["blue", "green", "red"], what="categories_")
    assert_close(transform(encoder, COLOURS.copy()), [[0, 0, 1], [1, 0, 0], [0, 1, 0], [1, 0, 0]])
    words = np.array(["b", "a10", "a9", "B", "", "é", "a"])
    for values in (words, words[rng(1).integers(0, 7, 129)], np.array(["one"])):
        categories = sorted(set(values.tolist()))
        encoder = fitted(values)
        assert_equal(getattr(encoder, "categories_", None), categories, what="categories_")
        assert_close(transform(encoder, values.copy()), plain_one_hot(values, categories))


def test_integers_are_categories_too() -> None:
    """Integers, negative and far apart ones too, are categories like any other."""
    for values in (np.array([7, -1, 3, -1]), np.array([10**15, -5, 0]), np.array([250, 2, 2], dtype=np.uint8)):
        categories = sorted(set(values.tolist()))
        encoder = fitted(values)
        assert_equal(getattr(encoder, "categories_", None), categories, what="categories_")
        assert_close(transform(encoder, values.copy()), plain_one_hot(values, categories))
    values = rng(2).integers(-20, 20, 127)
    assert_close(transform(fitted(values), values.copy()), plain_one_hot(values, sorted(set(values.tolist()))))


def test_the_width_is_that_of_the_training_data() -> None:
    """A batch that lacks a category comes out as wide as any other, an empty batch too."""
    encoder = fitted(COLOURS)
    assert_close(transform(encoder, np.array(["blue"])), [[1, 0, 0]])
    assert_close(transform(encoder, np.array(["red", "red"])), [[0, 0, 1], [0, 0, 1]])
    assert_close(transform(encoder, COLOURS[:0]), np.zeros((0, 3)))
    assert_close(transform(fitted(np.array([5, 9])), np.array([], dtype=np.int64)), np.zeros((0, 2)))


def test_unknown_values_raise() -> None:
    """By default an unknown value raises ValueError, and the message shows it."""
    for encoder in (fitted(COLOURS), fitted(COLOURS, unknown="error")):
        for strange in ("amber", "pink", "violet", "redder", "re", "Red"):
            refused(ValueError, encoder, "transform", np.array(["red", strange, "blue"]), mentions=strange)
    for number in (-44, 44, 4444):
        refused(ValueError, fitted(np.array([7, -1, 300])), "transform", np.array([number, 7]), mentions=str(number))
    # Cut down to the 8 bits that fit saw, these would be 1 and 255.
    for known, number in ((np.array([1, 2], dtype=np.int8), 257), (np.array([255, 1], dtype=np.uint8), -1)):
        refused(ValueError, fitted(known), "transform", np.array([1, number]), mentions=str(number))


def test_unknown_values_become_zeros() -> None:
    """With unknown="zeros" an unknown value becomes a row of zeros, and the others are as ever."""
    encoder = fitted(COLOURS, unknown="zeros")
    for strange in ("amber", "pink", "violet", "redder", "re", "Red", ""):
        expected = [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
        assert_close(transform(encoder, np.array(["red", strange, "blue"])), expected)
    assert_close(transform(encoder, np.array(["x"])), [[0, 0, 0]])
    numbers = fitted(np.array([7, -1, 3]), unknown="zeros")
    values = np.array([-2, 0, 3, 8, -1])
    assert_close(transform(numbers, values.copy()), plain_one_hot(values, [-1, 3, 7]))


def test_back_to_the_values() -> None:
    """inverse_transform gives back the values, in their order and with the dtype of the categories."""
    for values in (COLOURS, np.array([7, -1, 3, -1]), np.array(["solo"]), rng(3).integers(0, 300, 400)):
        categories = np.unique(values)
        encoder = fitted(values)
        assert_equal(getattr(encoder, "categories_", None), categories, what="categories_")
        kind = np.asarray(encoder.categories_).dtype
        require(kind.kind == categories.dtype.kind, f"categories_ has dtype {kind}, the values {categories.dtype}")
        matrix = plain_one_hot(values, categories.tolist())
        for dtype in (np.float64, np.uint8, bool):
            got = inverse(encoder, matrix.astype(dtype))
            assert_equal(got, values, what="inverse_transform")
            require(got.dtype == kind, f"inverse_transform gave dtype {got.dtype}, categories_ has {kind}")
        got = inverse(encoder, matrix[:0])
        assert_equal(got, [], what="inverse_transform of no rows")
        require(got.dtype == kind, f"inverse_transform of no rows gave dtype {got.dtype}, categories_ has {kind}")


def test_a_matrix_that_is_not_one_hot_is_refused() -> None:
    """A matrix of another width, or with a row that is not one-hot, raises ValueError that names matrix."""
    encoder = fitted(COLOURS)
    for row in ([0, 0, 0], [1, 1, 0], [0.5, 0.5, 0.0], [2, -1, 0], [2, 0, 0], [-1, 1, 1], [1, 0, np.nan], [0.9, 0, 0]):
        refused(ValueError, encoder, "inverse_transform", np.array([[0, 1, 0], row]), mentions="matrix")
    for odd in (np.eye(2), np.eye(4), np.eye(3)[0], np.eye(3)[None], np.zeros((0, 2))):
        refused(ValueError, encoder, "inverse_transform", odd, mentions="matrix")


def test_fit_forgets_and_comes_first() -> None:
    """A second fit forgets the first; transform and inverse_transform before any fit raise RuntimeError."""
    with calling("OneHotEncoder()"):
        encoder = work.OneHotEncoder()
        refused(RuntimeError, encoder, "transform", COLOURS)
        refused(RuntimeError, encoder, "inverse_transform", np.eye(3))
        encoder.fit(COLOURS)
        other = work.OneHotEncoder()
        refused(RuntimeError, other, "transform", COLOURS)
        encoder.fit(np.array(["pink", "amber"]))
    assert_equal(getattr(encoder, "categories_", None), ["amber", "pink"], what="categories_ after a second fit")
    assert_close(transform(encoder, np.array(["pink"])), [[0, 1]])
    refused(ValueError, encoder, "transform", np.array(["red"]), mentions="red")


def test_transform_learns_nothing() -> None:
    """transform leaves the encoder and its input as they were, views with strides of their own too."""
    encoder = fitted(COLOURS, unknown="zeros")
    base = np.array([["red", "pink"], ["blue", "red"], ["violet", "green"]])
    for values in (base[:, 0], base[::-1, 1], base[1]):
        expected = plain_one_hot(values, ["blue", "green", "red"])
        with unchanged(values=values, base=base):
            got = transform(encoder, values)
        assert_close(got, expected)
    assert_equal(getattr(encoder, "categories_", None), ["blue", "green", "red"], what="categories_ after transform")
    matrix = np.eye(3)[::-1]
    with unchanged(matrix=matrix):
        assert_equal(inverse(encoder, matrix), ["red", "green", "blue"], what="inverse_transform")
    raw = np.array([3, 1, 2, 1])
    with unchanged(values=raw), calling("OneHotEncoder().fit(values)"):
        work.OneHotEncoder().fit(raw)


def test_bad_arguments_are_named() -> None:
    """Values that are empty in fit or not one-dimensional, and another policy, raise ValueError naming the argument."""
    with calling("OneHotEncoder()"):
        encoder = work.OneHotEncoder()
    for odd in (COLOURS.reshape(2, 2), np.array("red"), COLOURS[:0], np.array([], dtype=np.int64)):
        refused(ValueError, encoder, "fit", odd, mentions="values")
    ready = fitted(COLOURS)
    for odd in (COLOURS.reshape(2, 2), COLOURS.reshape(4, 1), np.array("red")):
        refused(ValueError, ready, "transform", odd, mentions="values")
    for policy in ("ignore", "", "ERROR", "zero"):
        with calling(f"OneHotEncoder(unknown={policy!r})"):
            assert_raises(ValueError, work.OneHotEncoder, policy, mentions="unknown")


def test_memory_grows_with_the_result() -> None:
    """Three values among 5,000 categories need no matrix of 5,000 by 5,000."""
    values = rng(4).permutation(np.arange(5000) * 3)
    encoder = fitted(values)
    got = assert_memory(lambda: transform(encoder, np.array([2997, 0, 14997])), limit_mb=5, what="transform")
    assert_equal(np.flatnonzero(got), [999, 5000, 14999], what="the places of the ones")
    assert_equal(assert_memory(lambda: inverse(encoder, got), limit_mb=5, what="inverse_transform"), [2997, 0, 14997])
