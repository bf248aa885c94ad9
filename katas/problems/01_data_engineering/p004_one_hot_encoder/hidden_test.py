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
    edges,
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
    arguments = ", ".join(f"{name}={value!r}" for name, value in settings.items())
    with calling(f"OneHotEncoder({arguments}).fit({shorten(values, 60)})"):
        encoder = work.OneHotEncoder(**settings)
        got = encoder.fit(values.copy())
        require(got is encoder, "fit must return the encoder itself; is `return self` missing?")
    return encoder


def transform(encoder: Any, values: Array) -> Array:
    """What transform returns, an array of numbers."""
    with calling(f"encoder.transform({shorten(values, 80)})"):
        return as_array(encoder.transform(values), "transform")


def inverse(encoder: Any, matrix: Array) -> Array:
    with calling(f"encoder.inverse_transform({shorten(matrix, 80)})"):
        got = encoder.inverse_transform(matrix)
        require(isinstance(got, np.ndarray), f"inverse_transform returned a {type(got).__name__}, expected an array")
    return np.asarray(got)


def refused(encoder: Any, method: str, value: Any, mentions: str = "") -> None:
    with calling(f"encoder.{method}({shorten(value, 80)})"):
        assert_raises(ValueError, getattr(encoder, method), value, mentions=mentions)


def plain_one_hot(values: Array, categories: list[Any]) -> Array:
    """Row by row, entry by entry."""
    rows = [[1.0 if value == category else 0.0 for category in categories] for value in values.tolist()]
    return np.array(rows, dtype=float).reshape(len(values), len(categories))


def test_one_column_for_each_category() -> None:
    """Each row has a 1.0 in the column of its category and zeros elsewhere; the columns stand in ascending order."""
    words = np.array(["b", "a10", "a9", "B", "", "é", "a"])
    for values in (np.array(["b", "a"]), COLOURS, words, words[rng(1).integers(0, 7, 129)], np.array(["one"])):
        categories = sorted(set(values.tolist()))
        encoder = fitted(values)
        assert_equal(getattr(encoder, "categories_", None), categories, what="categories_")
        got = transform(encoder, values.copy())
        assert_close(got, plain_one_hot(values, categories))
        assert_dtype(got, np.float64, what="transform")


def test_integers_are_categories_too() -> None:
    """Integers, negative and far apart ones too, are categories like any other."""
    many = rng(2).integers(-20, 20, 127)
    for values in (np.array([7, -1, 3, -1]), np.array([10**15, -5, 0]), np.array([250, 2, 2], dtype=np.uint8), many):
        categories = sorted(set(values.tolist()))
        encoder = fitted(values)
        assert_equal(getattr(encoder, "categories_", None), categories, what="categories_")
        assert_close(transform(encoder, values.copy()), plain_one_hot(values, categories))


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
        for strange in ("amber", "pink", "violet"):
            refused(encoder, "transform", np.array(["red", strange, "blue"]), mentions=strange)
    for number in (-44, 44, 4444):
        refused(fitted(np.array([7, -1, 300])), "transform", np.array([number, 7]), mentions=str(number))


def test_unknown_values_become_zeros() -> None:
    """With unknown="zeros" an unknown value becomes a row of zeros, and the others are as ever."""
    for strange in ("amber", "pink", "violet", ""):
        encoder = fitted(COLOURS, unknown="zeros")
        assert_close(transform(encoder, np.array(["red", strange, "blue"])), [[0, 0, 1], [0, 0, 0], [1, 0, 0]])
    numbers = fitted(np.array([7, -1, 3]), unknown="zeros")
    values = np.array([-2, 0, 3, 8, -1])
    assert_close(transform(numbers, values.copy()), plain_one_hot(values, [-1, 3, 7]))


def test_back_to_the_values() -> None:
    """inverse_transform returns the values, in their order and in the dtype of the categories."""
    few = np.array([7, -1, 3, -1])
    for values in (COLOURS, few, few.astype(np.int8), np.array(["solo"]), rng(3).integers(0, 300, 400)):
        categories = np.unique(values)
        encoder = fitted(values)
        assert_equal(getattr(encoder, "categories_", None), categories, what="categories_")
        kind = np.asarray(encoder.categories_).dtype
        matrix = plain_one_hot(values, categories.tolist())
        for dtype in (np.float64, np.uint8, bool):
            got = inverse(encoder, matrix.astype(dtype))
            assert_equal(got, values, what="inverse_transform")
            require(got.dtype == kind, f"inverse_transform returned dtype {got.dtype}, categories_ has {kind}")
        assert_equal(inverse(encoder, matrix[:0]), [], what="inverse_transform of no rows")


edges()


def test_values_like_a_known_one_are_unknown() -> None:
    """A value like a known one is unknown all the same: "redder" and "Red" after "red", 257 after the int8 1."""
    for strange in ("redder", "re", "Red", "red ", ""):
        assert_close(transform(fitted(np.array(["red"]), unknown="zeros"), np.array([strange])), [[0]])
    # Cut down to the 8 bits that fit saw, these would be 1 and 255.
    for known, number in ((np.array([1, 2], dtype=np.int8), 257), (np.array([255, 1], dtype=np.uint8), -1)):
        assert_close(transform(fitted(known, unknown="zeros"), np.array([number])), [[0, 0]])


def test_a_matrix_that_is_not_one_hot_is_refused() -> None:
    """A matrix of another width, or with a row that is not exactly one 1 and otherwise zeros, raises ValueError."""
    two = fitted(np.array(["a", "b"]))
    for row in ([0, 0], [1, 1], [0.5, 0.5], [2, -1], [2, 0], [1, np.nan], [0.9, 0], [1.2, 0]):
        refused(two, "inverse_transform", np.array([row]))
    encoder = fitted(COLOURS)
    for row in ([0, 0, 0], [0.5, 0.5, 0], [-1, 1, 1]):
        refused(encoder, "inverse_transform", np.array([[0, 1, 0], row]))
    for odd in (np.eye(2), np.eye(4), np.eye(3)[0], np.eye(3)[None]):
        refused(encoder, "inverse_transform", odd)


def test_fit_forgets() -> None:
    """A second fit forgets the first, and two encoders know nothing of each other."""
    first, second = fitted(np.array([1, 2])), fitted(np.array([3]))
    assert_equal(getattr(first, "categories_", None), [1, 2], what="categories_ of the first of two encoders")
    assert_close(transform(second, np.array([3])), [[1]])
    with calling("encoder.fit(array([5, 4])), after an earlier fit"):
        first.fit(np.array([5, 4]))
    assert_equal(getattr(first, "categories_", None), [4, 5], what="categories_ after a second fit")
    refused(first, "transform", np.array([1]))


def test_transform_learns_nothing() -> None:
    """transform learns nothing, and the inputs are left as they were, views too."""
    encoder = fitted(COLOURS, unknown="zeros")
    base = np.array([["red", "pink"], ["blue", "red"], ["violet", "green"]])
    for values in (base[:, 0], base[::-1, 1], base[1]):
        expected = plain_one_hot(values, ["blue", "green", "red"])
        with unchanged(values=values, base=base):
            got = transform(encoder, values)
        assert_equal(
            getattr(encoder, "categories_", None), ["blue", "green", "red"], what="categories_ after transform"
        )
        assert_close(got, expected)
    matrix = np.eye(3)[::-1]
    with unchanged(matrix=matrix):
        assert_equal(inverse(encoder, matrix), ["red", "green", "blue"], what="inverse_transform")
    raw = np.array([3, 1, 2, 1])
    with unchanged(values=raw), calling("OneHotEncoder().fit(values)"):
        work.OneHotEncoder().fit(raw)


def test_bad_arguments_are_refused() -> None:
    """Values that are not one-dimensional, no values in fit, and any other policy raise ValueError."""
    with calling("OneHotEncoder()"):
        encoder = work.OneHotEncoder()
    for odd in (COLOURS.reshape(2, 2), COLOURS[:0]):
        refused(encoder, "fit", odd)
    for odd in (COLOURS.reshape(2, 2), COLOURS.reshape(4, 1)):
        refused(fitted(COLOURS), "transform", odd)
    for policy in ("ignore", "zero", "ERROR"):
        with calling(f"OneHotEncoder(unknown={policy!r}).fit({shorten(COLOURS)})"):
            assert_raises(ValueError, lambda policy=policy: work.OneHotEncoder(unknown=policy).fit(COLOURS.copy()))


def test_memory_grows_with_the_result() -> None:
    """Three values among 5,000 categories need no matrix of 5,000 by 5,000."""
    values = rng(4).permutation(np.arange(5000) * 3)
    encoder = fitted(values)
    got = assert_memory(lambda: transform(encoder, np.array([2997, 0, 14997])), limit_mb=5, what="transform")
    assert_equal(np.flatnonzero(got), [999, 5000, 14999], what="the places of the ones")
    assert_equal(assert_memory(lambda: inverse(encoder, got), limit_mb=5, what="inverse_transform"), [2997, 0, 14997])
