"""Hidden test of c03_project_preprocessor."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
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


def loaded(path: Any) -> tuple[list[str], Array]:
    result = work.load_csv(path)
    assert_type(result, (tuple, list), what="load_csv")
    require(len(result) == 2, "load_csv must give two things, names and numbers", got=len(result))
    assert_type(result[0], list, what="the names")
    x = as_array(result[1], "the array of load_csv")
    assert_dtype(x, np.float64, what="the array of load_csv")
    return result[0], x


def load_text(text: str, encoding: str = "utf-8") -> tuple[list[str], Array]:
    with temporary_folder() as folder:
        path = folder / "table.csv"
        path.write_bytes(text.encode(encoding))
        return loaded(path)


def refused_text(text: str, mentions: str) -> None:
    """The text is refused with a message that holds the number of the line, as a number of its own."""
    with temporary_folder() as folder:
        path = folder / "table.csv"
        path.write_bytes(text.encode())
        error = assert_raises(ValueError, work.load_csv, path, call=f"load_csv of {text!r}")
    told = str(error).replace(str(path), "").replace(str(folder), "")
    numbers = "".join(c if c.isdigit() else " " for c in told).split()
    if mentions and mentions not in numbers:
        fail(f"the ValueError should name line {mentions}", got=told, call=f"load_csv of {text!r}")


def slow_table(path: Path) -> tuple[list[str], Array]:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [[NAN if cell in MARKS else float(cell) for cell in line.split(",")] for line in lines[1:]]
    return lines[0].split(","), np.array(rows)


def test_a_file_becomes_names_and_numbers() -> None:
    """The first line gives the names, every other a row of float64, missing cells NaN, from a real file too."""
    names, x = load_text("a,b,c\n1,2.5,-3e2\n,?,NA\n7,NaN,nan\n")
    assert_equal(names, ["a", "b", "c"], what="the names")
    assert_close(x, np.array([[1, 2.5, -300], [NAN, NAN, NAN], [7, NAN, NAN]]), what="the array of load_csv")
    wanted_names, wanted = slow_table(IRIS)
    for path in (IRIS, str(IRIS)):
        names, x = loaded(path)
        assert_equal(names, wanted_names, what="the names")
        assert_close(x, wanted, what="the array of load_csv")
    names, x = load_text("only,names\n")
    assert_equal(names, ["only", "names"], what="the names")
    assert_shape(x, (0, 2), what="a file with names alone")


def test_files_of_other_programs_are_read() -> None:
    """A byte-order mark, quoted cells, blanks, Windows line ends and blank lines do no harm."""
    expected = np.array([[1.5, NAN], [2.0, 4.0]])
    text = '\ufeff"width, in cm" , größe\r\n\r\n "1.5", ? \r\n 2 ,"4"\r\n\r\n'
    names, x = load_text(text)
    assert_equal(names, ["width, in cm", "größe"], what="the names")
    assert_close(x, expected, what="the array of load_csv")
    names, x = load_text("a,b\n\n \n1.5, na\n2,4")
    assert_equal(names, ["a", "b"], what="the names")
    assert_close(x, expected, what="the array of load_csv")


def test_a_broken_line_is_named() -> None:
    """A ragged line or a text raises ValueError with its line's number in the file; so does a file without names."""
    refused_text("a,b\n1,2\n3\n4,5\n", "3")
    refused_text("a,b\n1,2\n3,4,5\n", "3")
    refused_text("a,b\n\n\n1,2\n\n3,4,\n", "6")
    refused_text("a,b\n11,22\n33,44\n55,66\n77,setosa\n", "5")
    refused_text("a,b\n1,2\n3\n4,x\n", "3")
    refused_text("", "")
    refused_text("\n\n", "")


def slow_mean(values: Array) -> float:
    present = [float(v) for v in values if not math.isnan(float(v))]
    return math.fsum(present) / len(present) if present else 0.0


def holed(stream: int, n: int, d: int) -> Array:
    x = rng(stream).normal(3.0, 10.0, (n, d))
    return np.where(rng(stream + 50).random((n, d)) < 0.3, NAN, x)


def test_means_leave_out_what_is_missing() -> None:
    """column_means leaves NaN out; a column without any number, and a table without rows, give 0.0 quietly."""
    tables = [np.array([[1.0, NAN, 5.0], [NAN, NAN, 5.0], [4.0, NAN, 8.0]]), np.zeros((0, 2)), np.array([[NAN]])]
    tables += [holed(1, 127, 3), holed(2, 8, 5)[::2, ::-1], np.array([[200, 3], [250, 4]], dtype=np.uint8)]
    for x in tables:
        expected = [slow_mean(x[:, j]) for j in range(x.shape[1])]
        with unchanged(x=x), no_warnings():
            got = work.column_means(x)
        assert_close(got, expected, rtol=1e-9, atol=1e-9)


def test_one_column_is_filled() -> None:
    """fill_missing fills the NaN of one column, with its mean or the value given, in a copy; others stay."""
    x = np.array([[1.0, NAN, NAN], [NAN, NAN, 2.0], [4.0, 6.0, NAN], [4.0, NAN, NAN]])
    cases: list[tuple[int, Any]] = [(0, None), (1, None), (-1, None), (0, 0.0), (1, -7.5), (2, 0)]
    for table in (x, np.full((3, 3), NAN), holed(3, 129, 3), x[:0]):
        for column, value in cases:
            expected = table.copy()
            stand_in = slow_mean(table[:, column]) if value is None else value
            expected[np.isnan(table[:, column]), column] = stand_in
            with unchanged(x=table), no_warnings():
                got = work.fill_missing(table, column) if value is None else work.fill_missing(table, column, value)
            assert_close(got, expected, rtol=1e-9, atol=1e-9)
    whole = np.array([[1, 2], [3, 4]])
    assert_close(work.fill_missing(whole.copy(), 1), whole)
    for column in (3, -4):
        assert_raises(IndexError, work.fill_missing, x.copy(), column)


def test_a_feature_is_scaled() -> None:
    """min_max moves low to 0 and high to 1, its own or the given ones, and does not clip; NaN stays."""
    cases: list[tuple[Any, Any, Any]] = [
        ([2.0, 4.0, 3.0], None, None),
        ([NAN, 4.0, 3.0, -1.0], None, None),
        ([5.0, -1.0, NAN], 0.0, 2.0),
        ([5.0, 1.0], None, 10.0),
        ([5.0, 1.0], 0.0, None),
        ([3.0, 3.0], 2.0, 4.0),
    ]
    cases.append((rng(6).normal(1e6, 2.0, 128).tolist(), None, None))
    for values, low, high in cases:
        present = [v for v in values if not math.isnan(v)]
        bottom = min(present) if low is None else low
        top = max(present) if high is None else high
        expected = [(v - bottom) / (top - bottom) for v in values]
        column = np.array(values)
        with unchanged(column=column), no_warnings():
            got = work.min_max(column, low, high) if (low, high) != (None, None) else work.min_max(column)
        assert_close(got, expected, rtol=1e-7, atol=1e-9)
    small = np.array([250, 5, 200], dtype=np.uint8)
    assert_close(work.min_max(small.copy()), [1.0, 0.0, 195 / 245])
    assert_close(work.min_max(np.array([3, 7, 5])), [0.0, 1.0, 0.5])


def test_a_constant_feature_becomes_zeros() -> None:
    """Where low equals high numbers become 0.0, NaN stays, and a feature of NaN alone or of no rows stays: quietly."""
    cases: list[tuple[list[float], Any, Any, list[float]]] = [
        ([0.1, 0.1, 0.1], None, None, [0.0, 0.0, 0.0]),
        ([4.0, NAN], None, None, [0.0, NAN]),
        ([4.0, 9.0, NAN], 4.0, 4.0, [0.0, 0.0, NAN]),
        ([NAN, NAN], None, None, [NAN, NAN]),
        ([NAN], 0.0, 1.0, [NAN]),
        ([], None, None, []),
    ]
    for values, low, high, expected in cases:
        with no_warnings():
            got = work.min_max(np.array(values, dtype=float), low, high)
        assert_close(got, np.array(expected, dtype=float))


def halves(x: Array, seed: int) -> tuple[Array, Array]:
    result = work.split(x, seed)
    assert_type(result, (tuple, list), what="split")
    require(len(result) == 2, "split must give two parts, train and test", got=len(result))
    train, test = as_array(result[0], "train"), as_array(result[1], "test")
    n_test = len(x) // 5
    assert_shape(train, (len(x) - n_test, *x.shape[1:]), what=f"train of {len(x)} rows")
    assert_shape(test, (n_test, *x.shape[1:]), what=f"test of {len(x)} rows")
    return train, test


def test_each_row_goes_to_one_part() -> None:
    """Each row is in exactly one part, rows // 5 of them in test, for any number of dimensions; parts are copies."""
    for n in (1, 4, 5, 9, 10, 14, 35, 127, 150):
        for x in (np.arange(n), np.arange(3.0 * n).reshape(n, 3), np.arange(4 * n).reshape(n, 2, 2)):
            with unchanged(x=x):
                train, test = halves(x, 3)
                both = np.concatenate([train, test])
                assert_close(both[np.argsort(both.reshape(n, -1)[:, 0])], x, what="both parts, in the old order,")
                for piece in (train, test):
                    piece[...] = -1  # a copy: x must not feel it


def test_the_split_is_reproducible() -> None:
    """One seed gives one order, x and y alike; other seeds give others, all rows take part, the global state stays."""
    x, y = rng(7).normal(0.0, 1.0, (50, 3)), np.arange(50)
    with global_random_state_kept():
        first, second = halves(x, 4), halves(x, 4)
        labels = halves(y, 4)
        tests = [halves(y, seed)[1].astype(int).tolist() for seed in range(40)]
        default = work.split(y)
    assert_close(second[0], first[0], what="train of the same seed")
    assert_close(second[1], first[1], what="test of the same seed")
    for rows, own, part in zip(first, labels, ("train", "test"), strict=True):
        assert_close(rows, x[own.astype(int)], what=f"{part} of x beside {part} of y")
    assert_type(default, (tuple, list), what="split without a seed")
    assert_close(as_array(default[1], "test without a seed"), tests[0], what="test without a seed")
    require(len({tuple(t) for t in tests}) > 35, "other seeds must give other splits")
    require(len({row for t in tests for row in t}) == 50, "some rows are never in test, whatever the seed")
    order = first[0][:, 0].tolist()
    require(order != [v for v in x[:, 0].tolist() if v in order], "train keeps the rows in their old order; shuffle")


def prepared(path: Any, target: str, seed: int) -> Any:
    result = work.prepare(path, target, seed)
    assert_type(getattr(result, "names", None), list, what="the field names")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        field = getattr(result, name, None)
        require(isinstance(field, np.ndarray), f"the field {name} must be an array", got=field)
    return result


def assert_prepared(path: Path, table: Array, names: list[str], target: str, seed: int) -> None:
    """The learner's result is what the slow way gives from the rows of the learner's own split."""
    at = names.index(target)
    train, test = halves(table, seed)
    features = [j for j in range(len(names)) if j != at]
    wanted_train, wanted_test = np.zeros((len(train), len(features))), np.zeros((len(test), len(features)))
    for k, j in enumerate(features):
        mean = slow_mean(train[:, j])
        column = np.where(np.isnan(train[:, j]), mean, train[:, j])
        other = np.where(np.isnan(test[:, j]), mean, test[:, j])
        low, high = float(column.min()), float(column.max())
        if low < high:
            wanted_train[:, k], wanted_test[:, k] = (column - low) / (high - low), (other - low) / (high - low)
    with no_warnings():
        got = prepared(path, target, seed)
    assert_equal(got.names, [names[j] for j in features], what="names")
    for field, wanted in (("x_train", wanted_train), ("x_test", wanted_test)):
        assert_close(getattr(got, field), wanted, rtol=1e-7, atol=1e-9, what=field)
    assert_close(got.y_train, train[:, at], what="y_train")
    assert_close(got.y_test, test[:, at], what="y_test")


def test_a_file_is_prepared_from_end_to_end() -> None:
    """prepare splits first, fills and scales by the training rows alone, and leaves the target as it is."""
    names, table = slow_table(IRIS)
    for seed in (0, 5):
        assert_prepared(IRIS, table, names, "species", seed)
    text = "y,a,b,c\n" + "".join(f"{i},{i * i},{'' if i % 3 else i},5\n" for i in range(11))
    rows = [[i, i * i, NAN if i % 3 else i, 5] for i in range(11)]
    with temporary_folder() as folder:
        path = folder / "small.csv"
        path.write_text(text, encoding="utf-8")
        for seed in range(4):
            assert_prepared(path, np.array(rows, dtype=float), ["y", "a", "b", "c"], "y", seed)
        path.write_text("a,none,y\n1,,3\n", encoding="utf-8")
        assert_prepared(path, np.array([[1, NAN, 3]]), ["a", "none", "y"], "y", 0)


def test_a_target_that_cannot_serve_is_refused() -> None:
    """A target that is no column, or has missing values, raises ValueError that names target."""
    with temporary_folder() as folder:
        path = folder / "table.csv"
        path.write_text("a,b\n1,2\n?,4\n", encoding="utf-8")
        for target in ("a", "c", "B"):
            assert_raises(ValueError, work.prepare, path, target, mentions="target")
        for hole in range(6):
            path.write_text("a,b\n" + "".join(f"{i},{'' if i == hole else i}\n" for i in range(6)), encoding="utf-8")
            call = f"prepare(path, 'b') of 6 rows, where row {hole} has no target"
            assert_raises(ValueError, work.prepare, path, "b", mentions="target", call=call)
