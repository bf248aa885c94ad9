"""Hidden test of p047_pad_sequences."""

import copy
import math
import re
from itertools import product
from pydoc_data.topics import topics
from typing import Any

import numpy as np

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    edges,
    learner,
    require,
    rng,
    unchanged,
)

work = learner("padding")

SIDES = list(product(("post", "pre"), repeat=2))  # padding, truncating


def plain(
    sequences: Any, max_length: int, padding: str = "post", truncating: str = "post", value: float = 0
) -> tuple[list[list[Any]], list[list[bool]]]:
    """Rows and masks, one item after the other."""
    rows, masks = [], []
    for sequence in sequences:
        items = list(sequence)
        while len(items) > max_length:
            del items[0 if truncating == "pre" else len(items) - 1]
        row, mask = items, [True] * len(items)
        while len(row) < max_length:
            row = [*row, value] if padding == "post" else [value, *row]
            mask = [*mask, False] if padding == "post" else [False, *mask]
        rows.append(row)
        masks.append(mask)
    return rows, masks


def padded(sequences: Any, max_length: int | None = None, **options: Any) -> tuple[Any, Any]:
    """The learner's batch and mask."""
    positional = () if max_length is None else (max_length,)
    got = work.pad_sequences(copy.deepcopy(sequences), *positional, **options)
    require(isinstance(got, tuple) and len(got) == 2, "pad_sequences must return (batch, mask)", got=got)
    return got


def batch_is(expected: Any, sequences: Any, max_length: int | None = None, **options: Any) -> None:
    batch, _ = padded(sequences, max_length, **options)
    assert_close(batch, expected, rtol=0, atol=0, what="batch")


def sentences() -> list[list[int]]:
    """Sentences of Python's manual, each word as its rank in the sorted vocabulary, from 1."""
    split = [re.findall(r"\w+", part) for part in re.split(r"[.!?]\s", topics["import"] + topics["for"])]
    rank = {word: i for i, word in enumerate(sorted({word for words in split for word in words}), start=1)}
    return [[rank[word] for word in words] for words in split if words]


def test_rows_hold_the_items_and_the_value() -> None:
    """1. Row i holds the items of sequence i in order, and value in the places that are left."""
    batch_is([[5, 6, 0]], [[5, 6]], 3)
    batch_is([[5, 6, -1, -1], [7, 8, 9, -1]], [[5, 6], [7, 8, 9]], 4, value=-1)
    batch_is([[1, 2]], [[1, 2]], 2)
    ids = sentences()
    batch_is(plain(ids, 500)[0], ids, 500)


def test_the_longest_sequence_sets_the_length() -> None:
    """2. Without max_length, the batch is as wide as the longest sequence, wherever it stands in the list."""
    for lengths in ([1], [1, 3], [3, 1], [2, 5, 1], rng(1).integers(1, 20, 30).tolist()):
        sequences = [list(range(1, n + 1)) for n in lengths]
        batch_is(plain(sequences, max(lengths))[0], sequences)
        batch_is(plain(sequences, max(lengths))[0], sequences, None)


def test_the_side_of_the_padding() -> None:
    """3. padding="post" puts value after the items, "pre" before them."""
    batch_is([[0, 5, 6]], [[5, 6]], 3, padding="pre")
    batch_is([[5, 6, 0]], [[5, 6]], 3, padding="post")
    for sequences in ([[1], [2, 3], [4, 5, 6]], sentences()):
        longest = max(map(len, sequences))
        for padding in ("pre", "post"):
            batch_is(plain(sequences, longest, padding, value=9)[0], sequences, padding=padding, value=9)


def test_the_side_of_the_cut() -> None:
    """4. A sequence too long loses its end with truncating="post", its beginning with "pre", whatever padding is."""
    batch_is([[1, 2]], [[1, 2, 3]], 2)
    batch_is([[2, 3]], [[1, 2, 3]], 2, truncating="pre")
    for sequences, length in (([[1, 2, 3, 4], [5]], 2), ([[1, 2, 3], [4, 5]], 1), (sentences(), 12)):
        for padding, truncating in SIDES:
            expected = plain(sequences, length, padding, truncating)[0]
            batch_is(expected, sequences, length, padding=padding, truncating=truncating)


def test_the_mask_marks_the_items() -> None:
    """5. The mask is True where an item stands, also an item equal to value, and False elsewhere; its dtype is bool."""
    some = [
        ([[5, 6]], 3, 0),
        ([[0, 5, 0]], 4, 0),
        ([[0], [0, 0, 0]], 2, 0),
        ([[7, 1], [7]], 2, 7),
        ([np.array([math.nan, 1.0])], 3, 0),
        (sentences(), 12, 1),
    ]
    for sequences, length, value in some:
        for padding, truncating in SIDES:
            expected = plain(sequences, length, padding, truncating)[1]
            dtype = np.float64 if isinstance(sequences[0], np.ndarray) else np.int64
            _, mask = padded(sequences, length, padding=padding, truncating=truncating, value=value, dtype=dtype)
            assert_close(mask, expected, what="mask")
            assert_dtype(mask, np.bool_, what="mask")


edges()


def test_the_dtype_is_that_asked_for() -> None:
    """6. The batch has the dtype asked for, by default int64; in an integer one, integers keep their value."""
    for sequences, options, expected, dtype in (
        ([[1, 2], [3]], {}, [[1, 2], [3, 0]], np.int64),
        ([[0.25, 1.5], [2.0]], {"dtype": np.float32, "value": -0.5}, [[0.25, 1.5], [2.0, -0.5]], np.float32),
        ([[0.25, 1.5], [2.0]], {"dtype": "float64", "value": math.nan}, [[0.25, 1.5], [2.0, math.nan]], np.float64),
        ([[255, 0], [7]], {"dtype": np.uint8, "value": 255}, [[255, 0], [7, 255]], np.uint8),
        ([[1.0, 2.0], [3.0]], {"dtype": np.int32}, [[1, 2], [3, 0]], np.int32),
        ([[1, 2], [3]], {"dtype": ">i4"}, [[1, 2], [3, 0]], ">i4"),
    ):
        batch, _ = padded(sequences, **options)
        assert_close(batch, expected, rtol=0, atol=0, what="batch")
        assert_dtype(batch, dtype, what="batch")
    large, largest = 2**53 + 1, 2**64 - 1  # float64 holds neither
    rows: list[tuple[Any, dict[str, Any], list[int]]] = [
        ([large, large], {}, [large, large, 0]),
        (np.array([large]), {}, [large, 0, 0]),
        ([1], {"value": large}, [1, large, large]),
        ([largest, 1], {"dtype": np.uint64}, [largest, 1, 0]),
        (np.array([largest], dtype=np.uint64), {"dtype": np.uint64}, [largest, 0, 0]),
        ([large, 0.0], {}, [large, 0, 0]),
    ]
    for (sequence, options, row), (padding, truncating) in product(rows, SIDES):
        expected_row = row if padding == "post" else row[len(sequence) :] + row[: len(sequence)]
        batch, _ = padded([sequence], 3, **options, padding=padding, truncating=truncating)
        require(
            as_array(batch).tolist() == [expected_row], "a large integer changed", got=batch, expected=[expected_row]
        )


def test_empty_sequences_and_empty_batches() -> None:
    """7. Empty sequences, no sequences and max_length=0 need no case of their own: shapes and masks are right."""
    for sequences, length in (
        ([[], [1]], 1),
        ([[]], 2),
        ([[1, 2], []], 1),
        ([[]], 0),
        ([[1, 2], [3]], 0),
        ([], 3),
        ([], 0),
    ):
        for padding, truncating in SIDES:
            rows, masks = plain(sequences, length, padding, truncating, value=4)
            batch, mask = padded(sequences, length, padding=padding, truncating=truncating, value=4)
            for got, expected, what in ((batch, rows, "batch"), (mask, masks, "mask")):
                assert_shape(got, (len(sequences), length), what=what)
                assert_close(got, np.array(expected).reshape(len(sequences), length), what=what)
            assert_dtype(batch, np.int64, what="batch")
            assert_dtype(mask, np.bool_, what="mask")
    for sequences in ([], [[]], [[], []]):
        batch, mask = padded(sequences)
        assert_shape(batch, (len(sequences), 0), what="batch")
        assert_shape(mask, (len(sequences), 0), what="mask")


def test_the_sequences_are_left_as_they_were() -> None:
    """8. Lists, tuples and arrays are taken, and left as they were."""
    base = np.arange(1, 9, dtype=np.int32)
    for sequences in ([[1, 2], [3, 4, 5]], ((1, 2), (3, 4, 5)), [base[:2].copy(), base[::3]], [[1, 2], (3,), base]):
        for length, (padding, truncating) in product((2, 4), SIDES):
            expected, held = plain(sequences, length, padding, truncating)[0], list(sequences)
            with unchanged(sequences=sequences, base=base):
                got = work.pad_sequences(sequences, length, padding=padding, truncating=truncating)
            kept = all(now is before for now, before in zip(sequences, held, strict=True))
            require(kept, "sequences holds other objects than before", got=sequences, expected=held)
            require(isinstance(got, tuple) and len(got) == 2, "pad_sequences must return (batch, mask)", got=got)
            assert_close(got[0], expected, rtol=0, atol=0, what="batch")


def test_what_an_integer_dtype_cannot_hold_is_refused() -> None:
    """9. ValueError or OverflowError when an integer dtype cannot hold an item, or the value that is filled in."""
    errors = (ValueError, OverflowError)
    for item in (0.5, math.nan, 2.9999, math.inf, -math.inf, 1e30, 2.0**63):
        for row in ([1, item], (item,), np.array([1.0, item])):
            assert_raises(errors, work.pad_sequences, [row])
        assert_raises(errors, work.pad_sequences, [[1], [2, 3]], value=item)
    for number in (300, -1):
        for row in ([1, number], (number,), np.array([1, number])):
            assert_raises(errors, work.pad_sequences, [row, [2]], dtype=np.uint8)
        for padding in ("post", "pre"):
            assert_raises(errors, work.pad_sequences, [[1], [2, 3]], padding=padding, value=number, dtype=np.uint8)


def test_other_sides_and_lengths_are_refused() -> None:
    """10. ValueError for padding or truncating other than "pre" and "post", and for max_length below 0."""
    others = ("left", "POST", "", "p", None)
    for options in [{name: side} for side in others for name in ("padding", "truncating")]:
        assert_raises(ValueError, work.pad_sequences, [[1, 2, 3], [4]], 2, **options)
        assert_raises(ValueError, work.pad_sequences, [[1, 2]], 2, **options)
        assert_raises(ValueError, work.pad_sequences, [], 2, **options)
    for sequences in ([[1, 2]], []):
        assert_raises(ValueError, work.pad_sequences, sequences, -1)
