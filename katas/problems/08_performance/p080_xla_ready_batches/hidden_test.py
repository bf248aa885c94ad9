"""Hidden test of p080_xla_ready_batches."""

import importlib
import importlib.util
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    edges,
    learner,
    not_tried,
    require,
    rng,
    unchanged,
)

work = learner("xla_batches")
Array = NDArray[Any]


class Plain:
    """A batch as the task defines it."""

    def __init__(self, tokens: Array, mask: Array, rows: Array) -> None:
        self.tokens, self.mask, self.rows = tokens, mask, rows


def looked_at(got: Any) -> Plain:
    """The three arrays of a batch of the learner's."""
    arrays = []
    for name in ("tokens", "mask", "rows"):
        require(hasattr(got, name), f"a batch has no {name}", got=got)
        arrays.append(as_array(getattr(got, name), f"batch.{name}"))
    return Plain(*arrays)


def stream_of(sequences: Any, buckets: tuple[int, ...], batch_size: int) -> Iterator[Any]:
    got = work.ready_batches(sequences, buckets, batch_size)
    require(isinstance(got, Iterable), "ready_batches has to yield batches", got=got)
    return iter(got)


def next_of(batches: Iterator[Any]) -> Any:
    batch = next(batches, None)
    require(batch is not None, "no further batch came")
    return batch


def taken(sequences: Any, buckets: tuple[int, ...], batch_size: int) -> list[Plain]:
    with calling("list(ready_batches(…))"):
        batches = stream_of(sequences, buckets, batch_size)
        return [looked_at(batch) for batch in batches]


def slow_batches(sequences: Any, buckets: tuple[int, ...], batch_size: int) -> list[list[tuple[int, list[int], int]]]:
    """The (number, items, bucket) of each batch, in order."""
    waiting: dict[int, list[tuple[int, list[int], int]]] = {bucket: [] for bucket in buckets}
    batches = []
    for number, sequence in enumerate(sequences):
        items = [int(item) for item in sequence]
        bucket = min(bucket for bucket in buckets if bucket >= len(items))
        waiting[bucket].append((number, items, bucket))
        if len(waiting[bucket]) == batch_size:
            batches.append(waiting[bucket])
            waiting[bucket] = []
    return batches + [waiting[bucket] for bucket in sorted(buckets) if waiting[bucket]]


def cases() -> Iterator[tuple[list[list[int]], tuple[int, ...], int]]:
    yield [[5, 6, 7]], (4,), 1
    yield [[5, 6, 7], [8], [9, 4]], (2, 4), 2
    yield [[1], [2], [3], [4], [5]], (2,), 2
    for stream, (buckets, batch_size, n) in enumerate([((4, 8), 3, 14), ((3, 7, 20), 4, 50), ((8, 16, 32, 64), 8, 90)]):
        random = rng(stream)
        lengths = random.integers(1, buckets[-1] + 1, n)
        yield [random.integers(1, 1000, length).tolist() for length in lengths], buckets, batch_size


def test_buckets_double() -> None:
    """1. buckets_up_to starts with smallest and doubles until a length is at least longest."""
    for longest, smallest, expected in (
        (20, 8, (8, 16, 32)),
        (16, 8, (8, 16)),
        (17, 8, (8, 16, 32)),
        (3, 8, (8,)),
        (100, 128, (128,)),
        (700, 128, (128, 256, 512, 1024)),
        (13, 3, (3, 6, 12, 24)),
    ):
        assert_equal(work.buckets_up_to(longest, smallest), expected)
        if smallest == 8:
            assert_equal(work.buckets_up_to(longest), expected)
    assert_type(work.buckets_up_to(20), tuple)


def test_each_goes_into_its_bucket() -> None:
    """2. A sequence goes into the smallest bucket that holds it, and a batch is as long as its bucket."""
    for sequences, buckets, batch_size in cases():
        expected = slow_batches(sequences, buckets, batch_size)
        bucket_by_number = {number: bucket for batch in expected for number, _, bucket in batch}
        for batch in taken(sequences, buckets, batch_size):
            for number in batch.rows[batch.rows >= 0].tolist():
                length = batch.tokens.shape[-1]
                require(number in bucket_by_number, "rows holds the number of no sequence", got=batch.rows)
                why = f"sequence {number}, of {len(sequences[number])} items, came in a batch of length {length}"
                bucket = bucket_by_number[number]
                require(length == bucket, why, got=Shown(str(length)), expected=Shown(str(bucket)))


def test_rows_are_padded_with_zeros() -> None:
    """2. The row of a sequence holds its items in order, then zeros."""
    for sequences, buckets, batch_size in cases():
        for batch in taken(sequences, buckets, batch_size):
            for row, number in enumerate(batch.rows.tolist()):
                if 0 <= number < len(sequences):
                    items = sequences[number]
                    padded = items + [0] * (batch.tokens.shape[1] - len(items))
                    assert_equal(batch.tokens[row], padded, what=f"tokens of sequence {number}")


def test_the_mask_tells_items_from_padding() -> None:
    """2. mask is True exactly where an item stands, also where the item is 0."""
    zeros = [([[0, 0], [0, 5, 0]], (4,), 2), ([[0], [7, 0, 0, 0, 0]], (1, 8), 1)]
    for sequences, buckets, batch_size in [*cases(), *zeros]:
        for batch in taken(sequences, buckets, batch_size):
            for row, number in enumerate(batch.rows.tolist()):
                if 0 <= number < len(sequences):
                    n_items, bucket = len(sequences[number]), batch.mask.shape[1]
                    expected = [column < n_items for column in range(bucket)]
                    assert_equal(batch.mask[row] != 0, expected, what=f"mask of {sequences[number]!r}")


def test_rows_name_the_sequences() -> None:
    """3. rows holds the number of each row's sequence, 0 for the first, and each sequence comes once."""
    for sequences, buckets, batch_size in cases():
        numbers: list[int] = []
        for batch in taken(sequences, buckets, batch_size):
            for row, number in enumerate(batch.rows.tolist()):
                if number >= 0:
                    numbers.append(number)
                    require(number < len(sequences), "rows holds the number of no sequence", got=number)
                    items = sequences[number]
                    assert_equal(batch.tokens[row, : len(items)], items, what=f"the row that rows calls {number}")
        assert_equal(sorted(numbers), list(range(len(sequences))), what="the numbers in the rows of all batches")


def test_a_full_batch_comes_at_once() -> None:
    """4. A batch comes as soon as it is full, before another sequence is read, also of an endless stream."""
    for buckets, batch_size in (((4,), 1), ((2, 4), 2), ((4, 8, 16), 3)):
        read: list[list[int]] = []

        def stream(read: list[list[int]] = read, last: int = buckets[-1]) -> Iterator[list[int]]:
            random = rng(20)
            for _ in range(10_000):  # an answer that reads on is not held up for ever
                read.append([1] * int(random.integers(1, last + 1)))
                yield read[-1]

        batches = stream_of(stream(), buckets, batch_size)
        with calling(f"next(batches) of ready_batches(an endless stream, {buckets}, {batch_size})"):
            for _ in range(6):
                before = len(read)
                batch = looked_at(next_of(batches))
                full = slow_batches(read, buckets, batch_size)
                now = [b for b in full if len(b) == batch_size]
                newest = max(number for b in now for number, _, _ in b) if now else -1
                require(
                    newest == len(read) - 1,
                    "when this batch came, more had been read than its last sequence",
                    got=Shown(f"{len(read)} sequences read, {len(read) - before} of them for this batch"),
                    expected=Shown(f"{newest + 1 if now else batch_size} read"),
                )
                last = next(b for b in now if b[-1][0] == newest)
                assert_equal(batch.rows, [number for number, _, _ in last], what="rows")


def test_batches_come_in_order() -> None:
    """4. Full batches come in the order in which they became full, their rows in the order read."""
    for sequences, buckets, batch_size in cases():
        expected = [b for b in slow_batches(sequences, buckets, batch_size) if len(b) == batch_size]
        got = [b for b in taken(sequences, buckets, batch_size) if (b.rows >= 0).all() and len(b.rows) == batch_size]
        # A batch that is full comes before all that are not; of those that are begun, the next check speaks.
        rows = [batch.rows.tolist() for batch in got]
        assert_equal(rows, [[number for number, _, _ in b] for b in expected], what="rows of the full batches")


def test_the_rest_comes_at_the_end() -> None:
    """5. Batches that were begun come at the end, smallest bucket first, filled with zeros, False and -1."""
    for sequences, buckets, batch_size in (
        ([], (4, 8), 3),
        ([[1] * 8, [2]], (4, 8), 1),
        ([[1, 2, 3], [1]], (2, 4), 2),
        *cases(),
    ):
        expected = slow_batches(sequences, buckets, batch_size)
        got = taken(sequences, buckets, batch_size)
        assert_equal(len(got), len(expected), what="the number of batches")
        for batch, members in zip(got, expected, strict=True):
            numbers = [number for number, _, _ in members]
            n_fill = batch_size - len(members)
            assert_equal(batch.rows, numbers + [-1] * n_fill, what="rows")
            bucket = members[0][2]
            for name, values in (("tokens", batch.tokens), ("mask", batch.mask)):
                fill = values[len(members) :]
                assert_equal(fill != 0, np.zeros((n_fill, bucket), bool), what=f"{name} of the rows that only fill")


def test_shapes_and_dtypes() -> None:
    """6. All batches have batch_size rows and the length of a bucket, in int32, bool and int32."""
    for given in (list, tuple, np.array, lambda x: np.array(x, np.uint8), lambda x: np.array(x, np.int64)):
        for sequences, buckets, batch_size in itertools.islice(cases(), 1, 4):
            small = [given([item % 200 for item in sequence]) for sequence in sequences]
            for batch in taken(small, buckets, batch_size):
                bucket = batch.tokens.shape[-1]
                require(bucket in buckets, f"a batch has length {bucket}, and buckets are {buckets}", got=batch.tokens)
                assert_shape(batch.tokens, (batch_size, bucket), what="tokens")
                assert_shape(batch.mask, (batch_size, bucket), what="mask")
                assert_shape(batch.rows, (batch_size,), what="rows")
                for name, values, dtype in (("tokens", batch.tokens, np.int32), ("mask", batch.mask, np.bool_)):
                    assert_dtype(values, dtype, what=name)
                assert_dtype(batch.rows, np.int32, what="rows")


def test_a_compiled_function_compiles_once_for_each_bucket() -> None:
    """6. A function that is compiled for each shape compiles as often as there are buckets in use."""
    random, buckets = rng(30), (4, 8, 16)
    sequences = [random.integers(1, 100, length).tolist() for length in [*range(1, 17), 3, 5, 9, 2]]
    shapes: set[Any] = set()
    n_traces = 0

    def losses(tokens: Any, mask: Any) -> Any:
        nonlocal n_traces
        n_traces += 1  # JAX runs this line when it traces, and not when it calls what it has compiled
        return tokens * 1.0 + mask

    has_jax = importlib.util.find_spec("jax") is not None
    compiled = importlib.import_module("jax").jit(losses) if has_jax else losses
    if not has_jax:
        not_tried("without JAX, shapes and dtypes were counted instead of compilations")

    def step(tokens: Any, mask: Any) -> Any:
        shapes.add((np.shape(tokens), str(tokens.dtype), np.shape(mask), str(mask.dtype)))
        return np.asarray(compiled(tokens, mask))

    for _ in range(2):
        got = work.mean_loss(step, list(stream_of(sequences, buckets, 4)))
    count = n_traces if has_jax else len(shapes)
    listed = Shown(f"{count}: " + "; ".join(f"{tokens} {kind}" for tokens, kind, _, _ in sorted(shapes)))
    why = f"{len(buckets)} buckets are in use, and the function was compiled {count} times"
    require(
        count == len(buckets), why, got=listed, expected=Shown(str(len(buckets))), call="mean_loss(jit(f), batches)"
    )
    mean = np.mean([item + 1.0 for sequence in sequences for item in sequence])
    assert_close(got, mean, rtol=1e-6)


def plain_batches(sequences: list[list[int]], buckets: tuple[int, ...], batch_size: int) -> list[Any]:
    """Batches for mean_loss, of the learner's own type."""
    made = []
    for members in slow_batches(sequences, buckets, batch_size):
        bucket = members[0][2]
        tokens, mask = np.zeros((batch_size, bucket), np.int32), np.zeros((batch_size, bucket), bool)
        rows = np.full(batch_size, -1, np.int32)
        for row, (number, items, _) in enumerate(members):
            tokens[row, : len(items)], mask[row, : len(items)], rows[row] = items, True, number
        made.append(work.Batch(tokens, mask, rows))
    return made


def test_each_item_counts_alike() -> None:
    """7. mean_loss is the mean over all items of all batches, however few a batch holds."""
    for sequences, buckets, batch_size in cases():
        batches = plain_batches(sequences, buckets, batch_size)
        expected = float(np.mean([np.sqrt(item) for sequence in sequences for item in sequence]))
        with calling(f"mean_loss(token_losses, batches), for the sequences {sequences}"):
            got = work.mean_loss(lambda tokens, mask: np.sqrt(tokens), iter(batches))
        assert_close(got, expected)
        assert_type(got, float, what="mean_loss")


def test_the_losses_are_asked_once() -> None:
    """7. token_losses is called once for each batch, with its tokens and its mask, in order."""
    for sequences, buckets, batch_size in cases():
        batches, calls = plain_batches(sequences, buckets, batch_size), []

        def losses(tokens: Any, mask: Any, calls: list[Any] = calls) -> Any:
            calls.append((np.array(tokens), np.array(mask)))
            return np.ones(np.shape(tokens))

        work.mean_loss(losses, batches)
        assert_equal(len(calls), len(batches), what="the number of calls of token_losses")
        for (tokens, mask), batch in zip(calls, batches, strict=True):
            assert_equal(tokens, batch.tokens, what="the tokens that token_losses was called with")
            assert_equal(mask, batch.mask, what="the mask that token_losses was called with")


def test_padding_does_not_count() -> None:
    """8. Losses at padding do not count, whatever they are, NaN and infinity included."""
    for value in (100.0, np.nan, np.inf, -np.inf):
        for sequences, buckets, batch_size in cases():
            batches = plain_batches(sequences, buckets, batch_size)
            expected = float(np.mean([item for sequence in sequences for item in sequence]))

            def losses(tokens: Any, mask: Any, value: float = value) -> Any:
                return np.where(mask, tokens.astype(np.float64), value)

            with calling(f"mean_loss(token_losses, batches), where the losses at padding are {value}"):
                got = work.mean_loss(losses, batches)
            assert_close(got, expected)


edges()


def test_lengths_at_the_borders() -> None:
    """2. A sequence as long as a bucket fits into it, and an empty one goes into the smallest."""
    for lengths in ((2,), (4,), (2, 3), (3, 2, 4), (0,), (0, 2), (4, 0, 3)):
        sequences = [list(range(1, length + 1)) for length in lengths]
        for given in (sequences, [np.array(sequence, np.int64) for sequence in sequences]):
            expected = slow_batches(sequences, (2, 4), 2)
            got = taken(given, (2, 4), 2)
            found = [(batch.tokens.shape[-1], batch.rows.tolist()) for batch in got]
            told = [(b[0][2], [number for number, _, _ in b] + [-1] * (2 - len(b))) for b in expected]
            assert_equal(found, told, what="(length, rows) of each batch")
            for batch in got:
                assert_equal(
                    batch.mask.sum(), sum(lengths[row] for row in batch.rows.tolist() if row >= 0), what="mask.sum()"
                )


def test_batches_are_their_own() -> None:
    """6. Each batch has arrays of its own: a later one does not change it, nor a write into it a later one."""
    sequences = [[1, 2], [3], [4, 5], [6], [7]]
    with calling("batches = list(ready_batches([[1, 2], [3], [4, 5], [6], [7]], (2,), 2))"):
        stream = stream_of(sequences, (2,), 2)
        first = next_of(stream)
        kept = [np.array(values) for values in (first.tokens, first.mask, first.rows)]
        second = next_of(stream)
        for name, values in zip(("tokens", "mask", "rows"), kept, strict=True):
            assert_equal(getattr(first, name), values, what=f"{name} of the first batch, once the second has come")
        second.tokens[:] = 9
        second.mask[:] = True
        for name, values in zip(("tokens", "mask", "rows"), kept, strict=True):
            assert_equal(
                getattr(first, name), values, what=f"{name} of the first batch, once the second was written to"
            )
        third = looked_at(next_of(stream))
    assert_equal(third.tokens, [[7, 0], [0, 0]], what="tokens of the third batch")
    assert_equal(third.mask, [[True, False], [False, False]], what="mask of the third batch")
    again = taken(sequences, (2,), 2)
    assert_equal(again[0].rows, [0, 1], what="rows, in a second call")


def test_the_sequences_stay() -> None:
    """6. The sequences are left as they were."""
    for given in (list, lambda x: np.array(x, np.int32), lambda x: np.array(x, np.int64)):
        sequences = [given(x) for x in ([3, 2, 1], [5], [4, 4, 4, 4], [9, 1])]
        with unchanged(sequences=sequences):
            for batch in taken(sequences, (2, 4), 2):
                batch.tokens[:] = 0


def test_losses_are_summed_in_float64() -> None:
    """7. Losses in float32 or float16 are summed in float64."""
    for dtype, huge, small in ((np.float32, 2.0**25, 1.0), (np.float16, 6e4, 1.0)):
        sequences = [[1] * 4, [2] * 3, [2] * 4, [2] * 4, [1], [2] * 2]
        batches = plain_batches(sequences, (4,), 2)
        values = [huge if item == 1 else small for sequence in sequences for item in sequence]
        expected = float(np.sum(np.array(values, dtype).astype(np.float64)) / len(values))

        def losses(tokens: Any, mask: Any, dtype: Any = dtype, huge: float = huge, small: float = small) -> Any:
            return np.where(tokens == 1, huge, small).astype(dtype)

        with calling(f"mean_loss(token_losses, batches), where losses are {huge:g} or {small:g} in {dtype.__name__}"):
            got = work.mean_loss(losses, batches)
        assert_close(got, expected, rtol=1e-12)


def test_long_sequences_are_refused() -> None:
    """9. A sequence longer than the last bucket raises ValueError with its number."""
    for number, length in ((0, 5), (3, 5), (27, 400)):
        sequences = [[1]] * number + [[1] * length]

        def run(sequences: Any = sequences) -> None:
            list(work.ready_batches(sequences, (2, 4), 50))

        call = f"list(ready_batches(sequences, (2, 4), 50)), where sequence {number} has {length} items"
        error = assert_raises(ValueError, run, call=call)
        words = "".join(c if c.isdigit() else " " for c in str(error)).split()
        why = "the message does not name the number of the sequence"
        require(str(number) in words, why, got=str(error), expected=Shown(f"a message with {number}"), call=call)


def test_other_items_are_refused() -> None:
    """10. An item that is not an integer, or does not fit into int32, raises an error."""
    errors = (ValueError, TypeError, OverflowError)
    for bad in (0.5, 2.0**40, 2**31, -(2**31) - 1, 2**40, 2**63, 2**64 - 1, float("nan"), "7"):
        for items in ([bad], [1, bad], np.array([bad, 1])):

            def run(items: Any = items) -> None:
                list(work.ready_batches([[1, 2], items], (4,), 2))

            assert_raises(errors, run, call=f"list(ready_batches([[1, 2], {items!r}], (4,), 2))")
    for good in (2**31 - 1, -(2**31)):
        got = [batch.tokens for batch in taken([[good]], (4,), 1)]
        assert_equal(got, [[[good, 0, 0, 0]]], what="tokens of all batches")
