"""Hidden test of p003_large_csv_streamer."""

import gc
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from types import GeneratorType
from typing import Any

from kata_runner.checking import (
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

work = learner("csv_streamer")

WHO = "running_mean"


def start(path: Path, column: str, shown: str) -> Iterator[Any]:
    """Call the learner's function; what it returns must be a generator."""
    with calling(f"running_mean(path, {column!r}) on a file of {shown}"):
        got = work.running_mean(path, column)
    assert_type(got, GeneratorType, what=WHO)
    return iter(got)


def means_of(text: str, column: str, limit: int = 200_000) -> list[Any]:
    """All that the learner's generator yields for a file of this text."""
    with temporary_folder() as folder:
        path = folder / "data.csv"
        path.write_bytes(text.encode())
        values = start(path, column, shorten(text))
        return list(islice(values, limit))


def plain_means(numbers: list[float]) -> list[float]:
    """Every running mean, from the exact sum of all numbers up to there."""
    total, means = Fraction(0), []
    for count, number in enumerate(numbers, start=1):
        total += Fraction(number)
        means.append(float(total / count))
    return means


def test_mean_so_far_after_each_row() -> None:
    """1. A generator yields the mean so far for each row with a number; other rows yield and count nothing."""
    assert_equal(means_of("price\n2\n4\n9\n", "price"), [2.0, 3.0, 5.0], what=WHO)
    assert_equal(means_of("a,b\n2,x\n,x\n4,x\n", "a"), [2.0, 3.0], what=WHO)
    assert_equal(means_of("a,b,c\n1,10,100\n2,30,50\n3,20,300\n", "b"), [10.0, 20.0, 20.0], what=WHO)
    assert_equal(means_of("a,b,c\r\n1,10,100\r\n2,30,50\r\n", "c"), [100.0, 75.0], what=WHO)
    numbers = rng(1).uniform(1.0, 90.0, 129).round(3).tolist()
    text = "id,value\n" + "".join(f"{i},{number}\n" for i, number in enumerate(numbers))
    assert_equal(means_of(text, "value"), plain_means(numbers), what=WHO)


def test_cells_that_are_no_numbers() -> None:
    """2. A cell that is blank or no finite number yields nothing and does not count."""
    for bad in ("", "   ", "n/a", "12abc", "1.2.3", '"1,234"', "nan", "NaN", "inf", "-Infinity", "1e999"):
        assert_equal(means_of(f"x,y\n2,1\n{bad},1\n4,1\n", "x"), [2.0, 3.0], what=WHO)
        assert_equal(means_of(f"x,y\n{bad},1\n2,1\n{bad},1\n", "x"), [2.0], what=WHO)


def test_commas_inside_quotes() -> None:
    """3. A quoted cell, or a quoted name in the header, may hold commas and doubled quotes."""
    assert_equal(means_of('note,n\n"3,4",5\n"one, two",1\n', "n"), [5.0, 3.0], what=WHO)
    text = '"item, name","price, net"\n"ink, blue, 3","2"\n"a ""fine"", wide pen",4\n'
    assert_equal(means_of(text, "price, net"), [2.0, 3.0], what=WHO)


def test_line_breaks_inside_quotes() -> None:
    """3. A quoted cell may run over several lines; it is still one row."""
    assert_equal(means_of('note,n\n"first\n9,9\nlast",2\n"\r\n",4\nplain,6\n', "n"), [2.0, 3.0, 4.0], what=WHO)
    assert_equal(means_of('"price\r\n(EUR)",item\r\n2,pen\r\n4,pad\r\n', "price\r\n(EUR)"), [2.0, 3.0], what=WHO)


def test_first_value_comes_early() -> None:
    """5. The first value comes before the file is read through."""
    row, n_rows = b"1," + b"." * 997 + b"\n", 5000
    with temporary_folder() as folder:
        path = folder / "data.csv"
        path.write_bytes(b"x,note\n" + row * n_rows)
        values = start(path, "x", f"{n_rows:,} rows, 5 MB")
        assert_equal(next(values, None), 1.0, what="the first value")
        # What comes late in the file is changed now; who has not read it yet will read the new number.
        with path.open("r+b") as file:
            file.seek(-len(row), 2)
            file.write(b"9")
        rest = list(islice(values, n_rows))
    assert_equal(len(rest), n_rows - 1, what="the number of values after the first")
    assert_type(rest[-1], float, what="the last mean")
    changed = (n_rows - 1 + 9) / n_rows
    require(
        bool(abs(float(rest[-1]) - changed) < 1e-9),
        "the last row was changed to 9 after the first value had come, and the mean does not know it: "
        "the file had been read through before",
        got=rest[-1],
        expected=changed,
    )


def test_memory_stays_small() -> None:
    """5. A file of 100 MB is streamed within 0.5 MB of memory."""
    numbers = rng(2).uniform(1.0, 20.0, 1000).round(2).tolist()
    # Every cell is another text, by the digits behind the number's own: an answer that remembers cells is found out.
    # With 8 bytes of each of the 100,000 rows, an answer that keeps the bare numbers needs 0.8 MB.
    block = "".join(f'{number:.2f}00000%05d,"{i}, {"." * 980}"\n' for i, number in enumerate(numbers))
    n_blocks = 100_000_000 // len(block) + 1
    expected = float(sum(map(Fraction, numbers)) / 1000)
    with temporary_folder() as folder:
        path = folder / "large.csv"
        with path.open("wb") as file:
            file.write(b"x,note\n")
            for number in range(n_blocks):
                file.write(block.replace("%05d", f"{number:05d}").encode())
        values = start(path, "x", f"{n_blocks * 1000:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        count, last = assert_memory(lambda: run_through(values, limit_mb=0.5), 0.5, what=WHO)
    assert_equal(count, n_blocks * 1000, what="the number of values")
    assert_close(last, expected, rtol=1e-7, what="the last mean")


def run_through(values: Iterator[Any], limit_mb: float) -> tuple[int, Any]:
    """How many values there are, and the last; stops early once the memory is far beyond its limit."""
    count, last = 0, None
    for value in values:
        count, last = count + 1, value
        if count % 1000 == 1 and tracemalloc.get_traced_memory()[0] > 2 * limit_mb * 1e6:
            break
    return count, last


def test_mean_without_a_sum() -> None:
    """6. Numbers near the limit of a float do not overflow, and many equal numbers keep their mean to 13 digits."""
    for numbers in ([1.5e308, 1.6e308, 1.7e308], [-1.7e308, -1.1e308]):
        text = "x\n" + "".join(f"{number!r}\n" for number in numbers)
        assert_close(means_of(text, "x"), plain_means(numbers), rtol=1e-13, atol=0.0, what=WHO)
    got = means_of("x\n" + "0.1\n" * 100_000, "x")
    assert_equal(len(got), 100_000, what="the number of values")
    assert_close(got[-1], 0.1, rtol=1e-13, atol=0.0, what="the last mean")


edges()


def test_every_way_to_write_a_number() -> None:
    """2. Negative numbers, fractions, exponents, blanks around and underscores in a number all count."""
    for text, number in (("-2.5", -2.5), ("1e3", 1000.0), ("  4 ", 4.0), ("+7", 7.0), (".5", 0.5), ("1_000", 1000.0)):
        assert_equal(means_of(f"x\n{text}\n", "x"), [number], what=WHO)
    text = "x\n-2.5\n1e3\n  4 \n+7\n0\n.5\n"
    assert_equal(means_of(text, "x"), plain_means([-2.5, 1000.0, 4.0, 7.0, 0.0, 0.5]), what=WHO)


def test_rows_of_uneven_length() -> None:
    """4. Empty lines and rows too short for the column are passed over; cells beyond the header do no harm."""
    assert_equal(means_of("a,b\n\n1,8", "b"), [8.0], what=WHO)
    assert_equal(means_of("a,b\n3\n1,8", "b"), [8.0], what=WHO)
    assert_equal(means_of("a,b\n1,2\n\n3\n5,4,77,88\n\n", "b"), [2.0, 3.0], what=WHO)
    assert_equal(means_of("a,b,c\n2,pen,x\n4,pad\n9\n", "a"), [2.0, 3.0, 5.0], what=WHO)


def test_path_may_be_text() -> None:
    """7. The file, given as str or Path, is read as UTF-8, whatever the default encoding of the machine."""
    with temporary_folder() as folder:
        path = folder / "data.csv"
        path.write_text("größe\n1\n2\n", encoding="utf-8")
        for form in (str(path), path):
            with calling(f"running_mean({'str' if isinstance(form, str) else 'Path'}, 'größe')"):
                got = work.running_mean(form, "größe")
            assert_type(got, GeneratorType, what=WHO)
            assert_equal(list(islice(got, 5)), [1.0, 1.5], what=WHO)
        code = "import sys\nfrom csv_streamer import running_mean\nprint(*running_mean(sys.argv[1], 'größe'))"
        assert_encoding_named(code, path, call="running_mean(path, 'größe')")


def test_file_is_closed() -> None:
    """8. The file is closed when the rows end, and when the generator is closed early."""
    with temporary_folder() as folder:
        path = folder / "data.csv"
        path.write_text("x\n" + "3\n" * 50_000, encoding="utf-8")
        for n_values in (1, 60_000):
            with no_warnings():  # Python warns (ResourceWarning) of a file that nobody closed
                values: Any = start(path, "x", "50,000 rows")
                n_given = sum(1 for _ in islice(values, n_values))
                values.close()
                del values
                gc.collect()
            assert_equal(n_given, min(n_values, 50_000), what="the number of values")


def test_unknown_column() -> None:
    """9. A column that the header lacks, or an empty file, raises ValueError."""
    for text in ("a,b\n1,2\n", "weight in kg,b\n1,2\n", "Weight,b\n1,2\n", " weight,b\n1,2\n", ""):
        with temporary_folder() as folder:
            path = folder / "data.csv"
            path.write_text(text, encoding="utf-8")
            shown = f"list(running_mean(path, 'weight')) on a file of {text!r}"
            assert_raises(ValueError, work.running_mean, path, "weight", call=shown)


def test_only_a_header() -> None:
    """9. A file of only a header yields no values."""
    for text in ("a,b\n", "a,b"):
        assert_equal(means_of(text, "b"), [], what=WHO)
