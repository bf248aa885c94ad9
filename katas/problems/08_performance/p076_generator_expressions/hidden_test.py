"""Hidden test of p076_generator_expressions."""

import gc
import io
import os
import re
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from pathlib import Path
from types import GeneratorType
from typing import Any

from kata_runner.checking import (
    CheckFailed,
    assert_close,
    assert_encoding_named,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_type,
    calling,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    shorten,
    temporary_folder,
)

work = learner("lazy_streams")

MANY = 40_000


def double(x: Any) -> Any:
    return 2 * x


def add_one(x: Any) -> Any:
    return x + 1


def start(path: Path, shown: str) -> Any:
    """Call read_losses; what it returns must be a generator."""
    with calling(f"read_losses(path) of a file of {shown}"):
        got = work.read_losses(path)
    assert_type(got, GeneratorType, what="read_losses")
    return got


def losses_of(text: str, limit: int = 200_000) -> list[Any]:
    """All that the learner's generator yields for a file of this text."""
    with temporary_folder() as folder:
        path = folder / "losses.txt"
        path.write_text(text, encoding="utf-8")
        return list(islice(start(path, shorten(text)), limit))


def plain_losses(text: str) -> list[float]:
    stripped = [line.strip() for line in text.split("\n")]
    return [float(line) for line in stripped if line != "" and line[0] != "#"]


def transformed(items: Iterable[Any], *steps: Callable[[Any], Any], limit: int = 200_000) -> list[Any]:
    got = work.transform(items, *steps)
    require(isinstance(got, Iterator), "what comes back is no iterator: next() cannot be called on it", got=got)
    return list(islice(got, limit))


def once(items: Iterable[Any]) -> Iterator[Any]:
    """The items as a generator, which can be read only once."""
    yield from items


def test_numbers_of_a_file() -> None:
    """1. read_losses is a generator of the numbers of all lines that are neither blank nor comments, in order."""
    for text in ("0.5\n", "3\n1\n2", "# epoch 1\n0.5\n", "1\n\n2\n", " 1e-3 \n   \n  # late\n\t-2.5\n#\n7\n\n"):
        expected = plain_losses(text)
        assert_equal(losses_of(text), expected, what="read_losses")
    numbers = rng(1).normal(1.0, 0.3, 129).tolist()
    text = "".join(f"# step {i}\n{number!r}\n" for i, number in enumerate(numbers))
    assert_equal(losses_of(text), numbers, what="read_losses")


def test_every_step_in_order() -> None:
    """2. transform yields every item after all steps, the first step first; without steps, the item itself."""
    for items, steps in (
        ([3], (double,)),
        ([1, 2, 3], (double, add_one)),
        ([1, 2, 3], (add_one, double)),
        ([0, None, "", 5], (str, len)),
        ([5, 7], ()),
        ([2, 0, 1], (bool, double, str)),
    ):
        expected = []
        for item in items:
            value: Any = item
            for step in steps:
                value = step(value)
            expected.append(value)
        assert_equal(transformed(list(items), *steps), expected, what="transform")


def test_first_that_passes() -> None:
    """3. first returns the first item that passes the test, 0 and "" too, and None when none does."""
    assert_equal(work.first([1, 4, 5, 9], lambda n: n > 3), 4)
    assert_equal(work.first([1, 2], lambda n: n > 3), None)
    assert_equal(work.first([], lambda n: n > 3), None)
    assert_equal(work.first([3, 0, 1], lambda n: n < 2), 0)
    assert_equal(work.first(["a", "", "b"], lambda text: text != "a"), "")
    assert_equal(work.first([True, False, True], lambda flag: not flag), False)
    # What counts as true is enough, as in `if`: here a match, or the number of letters.
    assert_equal(work.first(["loss", "epoch 2", "epoch 3"], re.compile(r"\d").search), "epoch 2")
    assert_equal(work.first(["", "ab", "c"], len), "ab")


def test_mean_of_numbers() -> None:
    """4. mean is the sum divided by the number of items."""
    for items in ([3.0], [1, 2], [2.0, 4.0, 9.0], [-1.5, 0, 0, 0.5]):
        assert_close(work.mean(list(items)), sum(items) / len(items))
    numbers = rng(2).normal(3.0, 1.0, 127).tolist()
    assert_close(work.mean(list(numbers)), sum(numbers) / 127, rtol=1e-9)


def test_any_iterable() -> None:
    """5. items may be a generator, which can be read only once, or any other iterable."""
    with calling("mean(value for value in (1.0, 2.0, 6.0))"):
        got = work.mean(once([1.0, 2.0, 6.0]))
    assert_close(got, 3.0, what="mean")
    with calling('mean({2: "a", 4: "b"})'):
        got = work.mean({2: "a", 4: "b"})
    assert_close(got, 3.0, what="mean")
    assert_equal(work.first(once([1, 4, 9]), lambda n: n > 3), 4)
    assert_equal(work.first({"a": 1, "b": 2}, lambda name: name > "a"), "b")
    assert_equal(transformed(once([1, 2, 3]), double, add_one), [3, 5, 7], what="transform")
    assert_equal(transformed(once([1, 2]), str), ["1", "2"], what="transform")
    assert_equal(transformed(once([1, 2])), [1, 2], what="transform")
    assert_equal(transformed("ab", str.upper, double), ["AA", "BB"], what="transform")


def test_one_item_at_a_time() -> None:
    """6. transform reads an item when its value is asked for, and passes it through all steps before the next."""
    log: list[str] = []

    def source() -> Iterator[int]:
        for i in (1, 2, 3):
            log.append(f"read {i}")
            yield i

    def noted(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(x: Any) -> Any:
            log.append(f"{step.__name__} {x}")
            return step(x)

        return run

    for steps, expected in (
        ((), [["read 1"], ["read 2"], ["read 3"]]),
        ((double,), [["read 1", "double 1"], ["read 2", "double 2"], ["read 3", "double 3"]]),
        ((double, add_one), [[f"read {i}", f"double {i}", f"add_one {2 * i}"] for i in (1, 2, 3)]),
    ):
        log.clear()
        names = "".join(f", {step.__name__}" for step in steps)
        with calling(f"values = transform(an iterator over 1, 2, 3{names})"):
            values = work.transform(source(), *map(noted, steps))
        require(isinstance(values, Iterator), "what comes back is no iterator", got=values)
        assert_equal(log, [], what="what is done before the first value is asked for")
        for i, done in enumerate(expected):
            log.clear()
            require(len(list(islice(values, 1))) == 1, f"value {i + 1} does not come")
            assert_equal(log, done, what=f"what is done for value {i + 1}")


def test_one_line_at_a_time() -> None:
    """6. read_losses yields the first number before it has read the file through."""
    n_lines = 50_000
    with temporary_folder() as folder:
        path = folder / "losses.txt"
        path.write_bytes(b"1.5000000000000000000\n" * n_lines)
        values = start(path, f"{n_lines:,} lines")
        assert_equal(next(values, None), 1.5, what="the first number")
        # The last line is changed now; who has not read it yet will read the new number.
        with path.open("r+b") as file:
            file.seek(-22, 2)
            file.write(b"9")
        rest = list(islice(values, n_lines))
    assert_equal(len(rest), n_lines - 1, what="the number of values after the first")
    require(
        rest[-1] == 9.5,
        "the last line was changed to 9.5 after the first number had come, and was not read again: "
        "the file had been read through before",
        got=rest[-1],
        expected=9.5,
    )


def counted(items: Iterable[Any], most: int) -> Iterator[Any]:
    """The items; fails when more than `most` are asked for."""
    for n_read, item in enumerate(items, start=1):
        if n_read > most:
            raise CheckFailed(f"item {n_read} was asked for, and item {most} is the first that passes the test")
        yield item


def test_first_stops() -> None:
    """7. first reads no item after the one it returns: the next one is still there, and items may be endless."""
    numbers = iter([5, 1, 7, 8])
    with calling("numbers = iter([5, 1, 7, 8]); first(numbers, lambda n: n < 3)"):
        got = work.first(numbers, lambda n: n < 3)
    assert_equal(got, 1, what="first")
    assert_equal(list(numbers), [7, 8], what="what is left in numbers")
    with calling("first(itertools.count(1), lambda n: n == 40)"):
        assert_equal(work.first(counted(count(1), 40), lambda n: n == 40), 40)
    with calling("first(transform(itertools.count(1), double, add_one), lambda n: n > 10)"):
        assert_equal(work.first(work.transform(counted(count(1), 5), double, add_one), lambda n: n > 10), 11)


def run_through(values: Any, limit_mb: float = 0.2) -> int:
    """How many values there are; stops early once the memory is far beyond its limit."""
    require(isinstance(values, Iterable), "what comes back cannot be iterated over", got=values)
    n = 0
    for _ in values:
        n += 1
        if n % 1000 == 1 and tracemalloc.get_traced_memory()[0] > 3 * limit_mb * 1e6:
            break
    return n


def stream() -> Iterator[float]:
    """So many numbers; 8 bytes of each, without the object, are 0.32 MB."""
    return (i + 0.5 for i in range(MANY))


def test_memory_stays_small() -> None:
    """8. Forty thousand items pass through each function within 0.2 MB."""
    expected = MANY / 2
    with calling("mean(value + 0.5 for value in range(40_000))"):
        got = assert_memory(lambda: work.mean(stream()), 0.2)
    assert_close(got, expected, what="mean")
    got = assert_memory(lambda: work.first(stream(), lambda x: x < 0), 0.2, what="first in 40,000 floats")
    assert_equal(got, None, what="first")
    got = assert_memory(
        lambda: run_through(work.transform(stream(), double, add_one)), 0.2, what="transform of 40,000 floats"
    )
    assert_equal(got, MANY, what="the number of values")
    with temporary_folder() as folder:
        path = folder / "losses.txt"
        path.write_text("".join(f"{i}.5\n" for i in range(MANY)), encoding="utf-8")
        values = start(path, "40,000 lines")
        got = assert_memory(lambda: run_through(values), 0.2, what="read_losses of 40,000 lines")
    assert_equal(got, MANY, what="the number of values")


edges()


def test_encoding_is_named() -> None:
    """1. The file is read as UTF-8, whatever the default encoding of the machine."""
    with temporary_folder() as folder:
        path = folder / "losses.txt"
        path.write_text("# für später\n0.5\n", encoding="utf-8")
        code = "import sys\nfrom lazy_streams import read_losses\nprint(*read_losses(sys.argv[1]))"
        assert_encoding_named(code, path, call="list(read_losses(path))")


def still_open(path: Path) -> bool:
    """Whether some object of this process holds the file open; nobody may ever collect it, and so no warning comes."""
    raw_files = [value for value in gc.get_objects() if issubclass(type(value), io.FileIO)]
    return any(
        not file.closed and not isinstance(file.name, int) and os.fsdecode(file.name) == str(path) for file in raw_files
    )


def test_file_is_closed() -> None:
    """9. The file is closed after the last line, and when the generator is closed early."""
    with temporary_folder() as folder:
        path = folder / "losses.txt"
        path.write_text("3\n" * 50_000, encoding="utf-8")
        for n_values in (1, 60_000):
            with no_warnings():  # Python warns (ResourceWarning) of a file that nobody closed
                values = start(path, "50,000 lines")
                n_given = sum(1 for _ in islice(values, n_values))
                values.close()
                is_open = still_open(path)
                del values
                gc.collect()
            when = "closing the generator early" if n_values == 1 else "the last line"
            require(not is_open, f"the file is still open after {when}")
            assert_equal(n_given, min(n_values, 50_000), what="the number of values")


def test_lines_that_are_no_numbers() -> None:
    """10. A line that is no number raises ValueError when it is reached; the numbers before it come first."""
    for bad in ("oops", "0.5 # late", "1,5", "0.5 0.7", "nan?"):
        text = f"0.5\n0.25\n{bad}\n7\n"
        with temporary_folder() as folder:
            path = folder / "losses.txt"
            path.write_text(text, encoding="utf-8")
            values = start(path, shorten(text))
            call = f"list(islice(read_losses(path), 2)) of a file of {text!r}"
            with calling(call):
                got = list(islice(values, 2))
            assert_equal(got, [0.5, 0.25], what="the first two numbers", call=call)
            call = f"the third next() on read_losses(path) of a file of {text!r}"
            assert_raises(ValueError, lambda values=values: next(values, None), call=call)
            values.close()


def test_no_items() -> None:
    """11. The mean of no items raises ValueError, also for a generator."""
    assert_raises(ValueError, work.mean, [])
    assert_raises(ValueError, work.mean, once([]), call="mean(a generator without items)")
