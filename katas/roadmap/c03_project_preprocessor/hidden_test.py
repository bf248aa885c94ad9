"""Hidden test of c03_project_preprocessor."""

import math
from pathlib import Path
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
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    temporary_folder,
    unchanged,
)

work = learner("preprocessor")
Array = NDArray[Any]
IRIS = Path(__file__).parent / "data" / "iris.csv"
NAN = math.nan
MARKS = {"", "?", "NA", "NaN"}


def loaded(path: Any, call: str = "") -> tuple[list[str], Array]:
    """What load_csv returned, both parts of the right kind."""
    result = work.load_csv(path)
    require(
        isinstance(result, tuple | list) and len(result) == 2, "load_csv must return (names, x)", got=result, call=call
    )
    assert_type(result[0], list, what="the names")
    return result[0], as_array(result[1], "the array of load_csv")


def assert_reads(text: str, names: list[str], rows: list[list[float]]) -> None:
    """The text, as a file, is read as these names and rows."""
    call = f"load_csv of a file with the text {text!r}"
    expected = np.array(rows).reshape(len(rows), len(names))
    with temporary_folder() as folder:
        path = folder / "table.csv"
        path.write_bytes(text.encode())
        with calling(call):
            got_names, x = loaded(path, call)
    assert_equal(got_names, names, what="the names", call=call)
    assert_close(x, expected, what="the array of load_csv", call=call)
    assert_dtype(x, np.float64, what="the array of load_csv")


def assert_refused(text: str, line: str = "") -> None:
    """The text, as a file, is refused with a message that holds the number of the line as a number of its own."""
    call = f"load_csv of a file with the text {text!r}"
    with temporary_folder() as folder:
        path = folder / "table.csv"
        path.write_bytes(text.encode())
        error = assert_raises(ValueError, work.load_csv, path, call=call)
    told = str(error).replace(str(path), "").replace(str(folder), "")
    numbers = "".join(c if c.isdigit() else " " for c in told).split()
    if line and line not in numbers:
        fail(f"the message of the ValueError does not hold the line's number, {line}", got=Shown(told), call=call)


def plain_table(path: Path) -> tuple[list[str], Array]:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [[NAN if cell in MARKS else float(cell) for cell in line.split(",")] for line in lines[1:]]
    return lines[0].split(","), np.array(rows)


def test_a_file_becomes_names_and_numbers() -> None:
    """The first line has the names, each other line is a row of float64, in a real file too."""
    assert_reads("a\n1\n", ["a"], [[1.0]])
    assert_reads("a,b,c\n1,2.5,-3e2\n7,0,1\n", ["a", "b", "c"], [[1, 2.5, -300], [7, 0, 1]])
    wanted_names, wanted = plain_table(IRIS)
    for path in (IRIS, str(IRIS)):
        names, x = loaded(path)
        assert_equal(names, wanted_names, what="the names")
        assert_close(x, wanted, what="the array of load_csv")


def test_missing_cells_are_nan() -> None:
    """An empty cell, ?, and NA or NaN in any case are NaN."""
    for mark in ("", "?", "NA", "NaN", "na", "nan", "Na", "nA", "NAN"):
        assert_reads(f"a,b\n{mark},2\n3,{mark}\n", ["a", "b"], [[NAN, 2], [3, NAN]])


def test_files_of_other_programs_are_read() -> None:
    """A byte-order mark, names beyond ASCII, quoted cells, blank lines and Windows line ends do no harm."""
    assert_reads("\ufeffa,b\n1,2\n", ["a", "b"], [[1, 2]])
    assert_reads("größe,b\n1,2\n", ["größe", "b"], [[1, 2]])
    assert_reads('"width, in cm",b\n"1.5",2\n', ["width, in cm", "b"], [[1.5, 2]])
    assert_reads("a,b\n\n1,2\n\n\n3,4\n\n", ["a", "b"], [[1, 2], [3, 4]])
    assert_reads("a,b\r\n1,2\r\n3,4", ["a", "b"], [[1, 2], [3, 4]])


def plain_mean(values: Array) -> float:
    present = [float(v) for v in values if not math.isnan(float(v))]
    return math.fsum(present) / len(present) if present else 0.0


def holed(stream: int, n: int, d: int) -> Array:
    x = rng(stream).normal(3.0, 10.0, (n, d))
    return np.where(rng(stream + 50).random((n, d)) < 0.3, NAN, x)


def test_means_leave_out_what_is_missing() -> None:
    """column_means returns the mean of each column's numbers; NaN is left out."""
    small = np.array([[1.0, NAN, 5.0], [NAN, 2.0, 5.0], [4.0, NAN, 8.0]])
    for x in (small, holed(1, 127, 3), holed(2, 40, 5)[::2, ::-1]):
        expected = [plain_mean(x[:, j]) for j in range(x.shape[1])]
        assert_close(work.column_means(x.copy()), expected, rtol=1e-9, atol=1e-9)


def test_one_column_is_filled() -> None:
    """fill_missing fills the NaN of one column in a copy, by its mean or by the value; others stay as they are."""
    small = np.array([[1.0, NAN, NAN], [NAN, NAN, 2.0], [4.0, 6.0, NAN]])
    for x in (small, holed(3, 129, 3)):
        for column, value in ((0, None), (1, None), (2, None), (0, -7.5), (1, 0.0)):
            expected = x.copy()
            expected[np.isnan(x[:, column]), column] = plain_mean(x[:, column]) if value is None else value
            with unchanged(x=x):
                got = work.fill_missing(x, column) if value is None else work.fill_missing(x, column, value)
            assert_close(got, expected, rtol=1e-9, atol=1e-9)


def test_a_feature_is_scaled() -> None:
    """min_max moves low to 0 and high to 1, its own or the given ones, and does not clip; NaN stays."""
    cases: list[tuple[list[float], float | None, float | None]] = [
        ([2.0, 4.0, 3.0], None, None),
        ([NAN, 4.0, 3.0, -1.0], None, None),
        ([5.0, -1.0, NAN], 0.0, 2.0),
        ([5.0, 1.0], None, 10.0),
        ([5.0, 1.0], 0.0, None),
        ([-5.0, -1.0], None, 0.0),
        ([3.0, 3.0], 2.0, 4.0),
        (rng(6).normal(1e6, 2.0, 128).tolist(), None, None),
    ]
    for values, low, high in cases:
        present = [v for v in values if not math.isnan(v)]
        bottom = min(present) if low is None else low
        top = max(present) if high is None else high
        expected = [(v - bottom) / (top - bottom) for v in values]
        column = np.array(values)
        with unchanged(column=column):
            got = work.min_max(column) if low is None and high is None else work.min_max(column, low=low, high=high)
        assert_close(got, expected, rtol=1e-7, atol=1e-9)


def halves(x: Array, seed: int) -> tuple[Array, Array]:
    """The learner's two parts, of the right numbers of rows."""
    result = work.split(x, seed)
    require(isinstance(result, tuple | list) and len(result) == 2, "split must return (train, test)", got=result)
    train, test = as_array(result[0], "train"), as_array(result[1], "test")
    n_test = len(x) // 5
    assert_shape(train, (len(x) - n_test, *x.shape[1:]), what=f"train of {len(x)} rows")
    assert_shape(test, (n_test, *x.shape[1:]), what=f"test of {len(x)} rows")
    return train, test


def test_each_row_goes_to_one_part() -> None:
    """Each row is in exactly one part, rows // 5 of them in test, for any number of dimensions; parts are copies."""
    for n in (1, 4, 5, 9, 10, 14, 35, 127):
        for shape in ((n,), (n, 3), (n, 2, 2)):
            x = np.arange(float(math.prod(shape))).reshape(shape)
            with unchanged(x=x):
                train, test = halves(x, 3)
                both = np.concatenate([train, test])
                ordered = both[np.argsort(both.reshape(n, -1)[:, 0])]
                require(
                    np.array_equal(ordered, x), "train and test together are not the rows of x", got=ordered, expected=x
                )
                for piece in (train, test):
                    piece[...] = -1  # x must not change with it


def test_the_rows_are_shuffled() -> None:
    """The rows come in random order: each can be in test, and train is not in the order of x."""
    y = np.arange(50.0)
    in_test, in_order = set(), 0
    for seed in range(60):
        train, test = halves(y, seed)
        in_test.update(test.tolist())
        in_order += train.tolist() == sorted(train.tolist())
    never = sorted(set(y.tolist()) - in_test)
    require(not never, "with 60 seeds, some of 50 rows were never in test", got=never)
    require(not in_order, "train has the rows in their old order; they are to be shuffled")


def test_the_order_depends_on_the_seed() -> None:
    """One seed has one order, for x and y alike; other seeds have others, and the global random state stays."""
    y = np.arange(50.0)
    x = np.stack([y * y, -y], axis=1)
    with global_random_state_kept():
        first, labels = halves(x, 4), halves(y, 4)
    for rows, own, part in zip(first, labels, ("train", "test"), strict=True):
        expected = x[own.astype(int)]
        message = f"x and y, split with one seed, no longer fit together in {part}"
        require(np.array_equal(rows, expected), message, got=rows[:5], expected=expected[:5])
    again = halves(y, 4)
    require(
        np.array_equal(again[0], labels[0]), "a second split with seed 4 is another one", got=again, expected=labels
    )
    by_default = work.split(y)
    expected_default = halves(y, 0)
    require(np.array_equal(by_default[0], expected_default[0]), "without a seed the split is not that of seed 0")
    orders = {tuple(halves(y, seed)[0].tolist()) for seed in range(40)}
    require(len(orders) == 40, f"40 seeds returned only {len(orders)} different orders")


def expected_parts(table: Array, at: int, seed: int) -> tuple[Array, Array, Array, Array]:
    """x_train, y_train, x_test, y_test of the rows that the learner's own split puts into each part."""
    train, test = halves(table, seed)
    parts: tuple[list[Array], list[Array]] = ([], [])
    for j in range(table.shape[1]):
        if j == at:
            continue
        numbers = [float(v) for v in train[:, j] if not math.isnan(v)]
        low, high = min(numbers, default=0.0), max(numbers, default=0.0)
        for part, columns in zip((train, test), parts, strict=True):
            filled = np.where(np.isnan(part[:, j]), plain_mean(train[:, j]), part[:, j])
            columns.append((filled - low) / (high - low) if low < high else np.zeros(len(part)))
    return np.stack(parts[0], axis=1), train[:, at], np.stack(parts[1], axis=1), test[:, at]


def assert_prepared(path: Path, table: Array, names: list[str], target: str, seed: int, call: str) -> None:
    """The learner's result is what the slow way makes of the rows of the learner's own split."""
    at = names.index(target)
    wanted = expected_parts(table, at, seed)
    with calling(call):
        result = work.prepare(path, target, seed)
    assert_equal(getattr(result, "names", None), names[:at] + names[at + 1 :], what="the field names", call=call)
    for field, expected in zip(("x_train", "y_train", "x_test", "y_test"), wanted, strict=True):
        got = as_array(getattr(result, field, None), f"the field {field}")
        assert_close(got, expected, rtol=1e-7, atol=1e-9, what=f"the field {field}", call=call)


def assert_prepares(text: str, target: str, seeds: int) -> None:
    """The text, as a file, is prepared as the slow way does it."""
    with temporary_folder() as folder:
        path = folder / "table.csv"
        path.write_text(text, encoding="utf-8")
        names, table = plain_table(path)
        for seed in range(seeds):
            call = f"prepare(path, {target!r}, seed={seed}) of a file with the text {text!r}"
            assert_prepared(path, table, names, target, seed, call)


def test_a_file_is_prepared_from_end_to_end() -> None:
    """prepare splits first, fills and scales by the training rows alone, and leaves the target as it is."""
    assert_prepares("a,y\n" + "".join(f"{i * i},{i}\n" for i in range(6)), "y", 6)
    assert_prepares("y,a,b\n" + "".join(f"{i},{i * i},{'' if i % 3 else i}\n" for i in range(11)), "y", 4)
    names, table = plain_table(IRIS)
    for seed in (0, 5):
        assert_prepared(IRIS, table, names, "species", seed, f"prepare('iris.csv', 'species', seed={seed})")


def test_a_broken_line_is_named() -> None:
    """A line of too many or too few cells, or with a text, raises ValueError with its number in the file."""
    assert_refused("a,b\n1,2\n3\n4,5\n", "3")
    assert_refused("a,b\n1,2\n3,4,5\n", "3")
    assert_refused("a,b\n1,2\n3,4,\n", "3")
    assert_refused("a,b\n11,22\n33,44\n55,66\n77,setosa\n", "5")
    assert_refused("a,b\n\n\n1,2\n\n3,4,5\n", "6")
    assert_refused("a,b\n\n\n1,2\n\n3,x\n", "6")


edges()


def test_a_file_of_names_alone() -> None:
    """A file of names alone returns the names and an array of shape (0, columns)."""
    assert_reads("only,names\n", ["only", "names"], [])


def test_a_column_without_numbers_has_mean_zero() -> None:
    """A column of NaN alone has the mean 0.0, without a warning, and is filled with it."""
    x = np.array([[NAN, 1.0], [NAN, 3.0]])
    for table, expected in ((x, [0.0, 2.0]), (x[:, :1], [0.0])):
        with no_warnings():
            got = work.column_means(table.copy())
        assert_close(got, expected)
    assert_close(work.fill_missing(x.copy(), 0), [[0.0, 1.0], [0.0, 3.0]])


def test_a_constant_feature_becomes_zeros() -> None:
    """Where low equals high, numbers become 0.0 and NaN stays; a feature of NaN alone stays; nothing warns."""
    cases: list[tuple[list[float], float | None, float | None, list[float]]] = [
        ([0.1, 0.1, 0.1], None, None, [0.0, 0.0, 0.0]),
        ([4.0, NAN], None, None, [0.0, NAN]),
        ([4.0, 9.0, NAN], 4.0, 4.0, [0.0, 0.0, NAN]),
        ([NAN, NAN], None, None, [NAN, NAN]),
    ]
    for values, low, high, expected in cases:
        column = np.array(values)
        with unchanged(column=column), no_warnings():
            got = work.min_max(column) if low is None else work.min_max(column, low=low, high=high)
        assert_close(got, expected)


def test_a_feature_without_a_range_becomes_zeros() -> None:
    """A feature of one and the same number in the training rows, or of none, becomes 0.0 in both parts."""
    assert_prepares("a,none,y\n1,,0\n1,,1\n1,,2\n1,,3\n1,,4\n", "y", 2)
    # Two features whose numbers differ in the test rows alone; which rows these are, the learner's split says.
    in_test = {int(row) for row in halves(np.arange(10.0), 0)[1]}
    rows = [f"{i + 1 if i in in_test else ''},{i + 1 if i in in_test else 7},{i}" for i in range(10)]
    assert_prepares("\n".join(["b,c,y", *rows, ""]), "y", 1)
    # The mean of three times 0.1 is not 0.1: a range taken after filling is not empty.
    text = "a,b,y\n" + "".join(f"{'0.1' if i < 5 else ''},{'0.7' if i % 2 else ''},{i}\n" for i in range(9))
    assert_prepares(text, "y", 8)


def test_a_file_without_names_is_refused() -> None:
    """A file without names, empty or of blank lines alone, raises ValueError."""
    assert_refused("")
    assert_refused("\n\n")


def test_a_target_that_cannot_serve_is_refused() -> None:
    """A target that is no column, or has a missing value in any row, raises ValueError."""
    with temporary_folder() as folder:
        path = folder / "table.csv"
        text = "a,b\n1,2\n3,4\n"
        path.write_text(text, encoding="utf-8")
        for target in ("c", "B", ""):
            call = f"prepare(path, {target!r}) of a file with the text {text!r}"
            assert_raises(ValueError, work.prepare, path, target, call=call)
        for hole in range(6):
            text = "a,b\n" + "".join(f"{i},{'' if i == hole else i}\n" for i in range(6))
            path.write_text(text, encoding="utf-8")
            call = f"prepare(path, 'b') of a file with the text {text!r}"
            assert_raises(ValueError, work.prepare, path, "b", call=call)
