"""Hidden test of p008_categorical_ids."""

from collections.abc import Callable, Iterable
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
    assert_growth,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    edges,
    learner,
    require,
    rng,
    run_python,
    shorten,
    timing,
)

work = learner("category_ids")
Array = NDArray[Any]
DRINKS = ["tea", "milk", "milk", "rum", "tea", "milk"]


def fitted(values: Iterable[str], min_count: int = 1) -> Any:
    """An object of the learner's that has learned from the values."""
    with calling(f"CategoryIds(min_count={min_count}).fit({shorten(values, 60)})"):
        made = work.CategoryIds(min_count=min_count)
        got = made.fit(values)
        require(got is made, "fit must return the object itself; is `return self` missing?")
    return made


def transform(ids: Any, values: Iterable[str]) -> Array:
    with calling(f"ids.transform({shorten(values, 80)})"):
        return as_array(ids.transform(values), what="transform")


def inverse(ids: Any, numbers: Any) -> list[Any]:
    with calling(f"ids.inverse_transform({shorten(numbers, 80)})"):
        got = ids.inverse_transform(numbers)
        assert_type(got, list, what="inverse_transform")
    return list(got)


def size(ids: Any) -> int:
    with calling("len(ids)"):
        return len(ids)


def plain_order(values: list[str], min_count: int = 1) -> list[str]:
    """The strings that have ids, in the order of their ids."""
    seen: list[str] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    ranked = sorted((-values.count(s), seen.index(s), s) for s in seen if values.count(s) >= min_count)
    return [s for _, _, s in ranked]


def check_ids(ids: Any, order: list[str], *others: str) -> None:
    """The strings of `order` have the ids 1, 2, 3, …, and all others 0."""
    expected = [*range(1, len(order) + 1), *(0 for _ in others)]
    assert_equal(transform(ids, [*order, *others]), expected, what="transform")
    assert_equal(size(ids), len(order) + 1, what="len")


def test_unknown_strings_have_the_id_0() -> None:
    """1. A string that fit has not seen has the id 0, and asking for it teaches nothing."""
    ids = fitted(["tea"])
    for _ in range(2):
        assert_equal(transform(ids, ["gin"]), [0], what="transform")
        assert_equal(transform(ids, ["gin", "tea", "gin", "te"]), [0, 1, 0, 0], what="transform")
        assert_equal(size(ids), 2, what="len after a transform")
    nothing = fitted([])
    assert_equal(transform(nothing, ["tea"]), [0], what="transform")
    assert_equal(size(nothing), 1, what="len after fit on no strings")


def test_most_frequent_first() -> None:
    """2. Ids count up from 1 without gaps: the most frequent string first, ties in order of first appearance."""
    check_ids(fitted(["a", "b", "b"]), ["b", "a"])
    check_ids(fitted(["b", "c", "a", "a", "c", "b", "d"]), ["b", "c", "a", "d"])
    for stream, n in enumerate([1, 2, 7, 127]):
        values = [f"s{v}" for v in rng(stream).geometric(0.15, n)]
        check_ids(fitted(values), plain_order(values))


def test_rare_strings_share_the_id_0() -> None:
    """2. Strings seen less often than min_count share the id 0; exactly min_count times is enough."""
    for min_count, order in [(2, ["milk", "tea"]), (3, ["milk"]), (4, []), (1, ["milk", "tea", "rum"])]:
        check_ids(fitted(DRINKS, min_count), order, *(s for s in ("milk", "tea", "rum") if s not in order))
    values = [f"s{v}" for v in rng(10).geometric(0.1, 129)]
    check_ids(fitted(values, 5), plain_order(values, 5))


def test_strings_are_taken_as_they_are() -> None:
    """3. Case, blanks, accents, the empty string and "None" make different categories."""
    for values in (["Tea", "tea"], ["tea", " tea", "tea "], ["", " "], ["None", "none", "nan"],
                   ["caf\u00e9", "cafe\u0301", "cafe"], ["<unk>", "0"]):  # fmt: skip
        check_ids(fitted(values), values)


def test_fit_begins_anew() -> None:
    """6. A second fit forgets the first, and each object has ids of its own."""
    ids = fitted(DRINKS)
    with calling("ids.fit(values) a second time"):
        ids.fit(["gin", "tea", "gin"])
    check_ids(ids, ["gin", "tea"], "milk", "rum")
    fitted(["x"])
    check_ids(ids, ["gin", "tea"], "x")


def test_back_to_strings() -> None:
    """5. inverse_transform returns the string of each id, None for 0, and refuses ids that do not exist."""
    ids = fitted(DRINKS)
    assert_equal(inverse(ids, [1]), ["milk"], what="inverse_transform")
    assert_equal(inverse(ids, [3, 0, 1, 1]), ["rum", None, "milk", "milk"], what="inverse_transform")
    assert_equal(inverse(ids, np.array([2, 0], dtype=np.int32)), ["tea", None], what="inverse_transform")
    assert_equal(inverse(ids, []), [], what="inverse_transform of no ids")
    for bad in ([4], [-1], [1, -4]):
        for numbers in (bad, np.array(bad)):
            with calling(f"ids.inverse_transform({shorten(numbers, 60)})"):
                assert_raises((ValueError, IndexError), ids.inverse_transform, numbers)


def test_saved_and_loaded(tmp_path: Path) -> None:
    """7. What load returns answers like what was saved, whatever the strings hold; an old file is replaced."""
    odd = ["two\nlines", "\r\n", "a\0", "a\0b", "\there", 'say "tea"', "a,b;c", "", " ", "\\n", "Grün 茶 🍵", "\u2028"]
    cases: list[tuple[list[str], int]] = [(["tea"], 1), *(([text, "tea"], 1) for text in odd), (odd, 1), (DRINKS, 2)]
    for number, (values, min_count) in enumerate(cases):
        path = tmp_path / "ids.file"
        order = plain_order(values, min_count)
        ids = fitted(values, min_count)
        with calling(f"ids.save(path); CategoryIds.load(path), fitted on {shorten(values, 50)}"):
            ids.transform(["never seen"])
            ids.save(path if number % 2 else str(path))
            loaded = work.CategoryIds.load(str(path) if number % 2 else path)
            require(isinstance(loaded, work.CategoryIds), "load returned no CategoryIds", got=loaded)
        assert_equal(inverse(loaded, list(range(len(order) + 1))), [None, *order], what="inverse_transform after load")
        check_ids(loaded, order, "never seen")
    with calling("CategoryIds.load(path).fit(values)"):
        loaded.fit(["x", "x", "x", "y"])
    check_ids(loaded, ["x"], "y")
    check_ids(ids, ["milk", "tea"], "x")


edges()


def test_ids_are_an_int64_array() -> None:
    """1. transform returns an int64 array of shape (n,), also of no strings."""
    ids = fitted(DRINKS)
    for values in (["tea", "gin"], []):
        with calling(f"ids.transform({values})"):
            got = ids.transform(values)
            assert_type(got, np.ndarray, what="transform")
            assert_shape(got, (len(values),), what="transform")
            assert_dtype(got, np.int64, what="transform")


def test_any_iterable_read_once() -> None:
    """4. A generator, a tuple or an array of strings will do."""
    for values in ((s for s in DRINKS), tuple(DRINKS), np.array(DRINKS)):
        check_ids(fitted(values), ["milk", "tea", "rum"])
    ids = fitted(DRINKS)
    assert_equal(transform(ids, (s for s in DRINKS)), [2, 1, 1, 3, 2, 1], what="transform of a generator")


def test_the_file_outlives_the_process(tmp_path: Path) -> None:
    """7. Another process loads the same ids from the file, also where the default encoding is another one."""
    values = ["Grün 茶", *(f"s{v}" for v in rng(30).permutation(50))]
    path = tmp_path / "ids.file"
    ids = fitted(values)
    with calling("ids.save(path)"):
        ids.save(path)
    program = tmp_path / "serve.py"
    program.write_text(
        "import sys, warnings\n"
        "from category_ids import CategoryIds\n"
        "warnings.simplefilter('error', EncodingWarning)\n"
        "ids = CategoryIds.load(sys.argv[1])\n"
        "print(len(ids), *ids.transform(sys.argv[2:]).tolist())\n"
        "ids.save(sys.argv[1])\n"
    )
    asked = [values[40], "gin", values[1], values[50]]
    # A file in ASCII reads alike everywhere. Of any other, Python itself can tell who relies on the default encoding.
    options = [] if path.is_file() and path.read_bytes().isascii() else ["-X", "warn_default_encoding"]
    ran = run_python(*options, program, path, *asked, timeout_s=60)
    last_words = (ran.stderr.strip().splitlines() or [""])[-1]
    call = "CategoryIds.load(path), ids.save(path)"
    require("EncodingWarning" not in last_words, "the file depends on the default encoding of the machine",
            got=Shown(last_words), call=call)  # fmt: skip
    require(ran.code == 0, "loading in another process failed", got=Shown(last_words), call=call)
    assert_equal(ran.stdout.split(), ["52", "41", "0", "2", "51"], what="another process", call=call)


def test_values_that_are_no_strings() -> None:
    """9. A value that is no str, or a bare string, raises TypeError in fit and in transform."""
    ids = fitted(DRINKS)
    for bad in ([None], [7], ["gin", 1.5], [b"tea"], "tea", ""):
        for method in ("fit", "transform"):
            with calling(f"ids.{method}({shorten(bad, 60)})"):
                assert_raises(TypeError, getattr(ids, method), bad)


@timing
def test_a_million_strings() -> None:
    """8. A million strings are numbered and looked up, in time that grows with their number."""

    def make(n: int) -> Callable[[], object]:
        values = [f"s{i}" for i in range(n)]
        return lambda: work.CategoryIds().fit(values).transform(values)

    assert_equal(transform(fitted(DRINKS), ["tea"]), [2], what="transform")
    with calling("CategoryIds().fit(values).transform(values)"):
        assert_growth(make, 250, 4000, at_most=90)
    numbers = rng(40).permutation(1_000_000) % 50_000
    names = [f"s{i}" for i in range(50_000)]
    values = [names[i] for i in numbers.tolist()]
    # Every string comes twenty times, so the order is that of first appearance.
    _, first_seen = np.unique(numbers, return_index=True)
    id_by_number = np.empty(50_000, dtype=np.int64)
    id_by_number[np.argsort(first_seen)] = np.arange(1, 50_001)
    expected = id_by_number[numbers[:100_000]]
    ids = fitted(values)
    assert_equal(size(ids), 50_001, what="len")
    assert_close(transform(ids, values[:100_000]), expected, what="transform")
