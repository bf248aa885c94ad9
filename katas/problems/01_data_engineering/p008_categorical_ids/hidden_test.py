"""Hidden test of p008_categorical_ids."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    assert_close,
    assert_equal,
    assert_growth,
    assert_raises,
    assert_type,
    calling,
    learner,
    require,
    rng,
    run_python,
    shorten,
    timing,
    unchanged,
)

work = learner("category_ids")
Array = NDArray[Any]
DRINKS = ["tea", "milk", "milk", "rum", "tea", "milk"]


def fitted(values: Iterable[str], min_count: int = 1) -> Any:
    """An object of the learner's that has learned from the values."""
    with calling(f"CategoryIds(min_count={min_count}).fit({shorten(values, 60)})"):
        made = work.CategoryIds(min_count=min_count)
        got = made.fit(values)
        require(got is made, "fit must give the object itself; is `return self` missing?")
    return made


def transform(ids: Any, values: Iterable[str]) -> Array:
    with calling(f"ids.transform({shorten(values, 80)})"):
        got = ids.transform(values)
        assert_type(got, np.ndarray, what="transform")
        require(got.dtype == np.int64, f"transform gave dtype {got.dtype}, expected int64")
        require(got.ndim == 1, f"transform gave shape {got.shape}, expected one dimension")
    return np.asarray(got)


def inverse(ids: Any, numbers: Any) -> list[Any]:
    with calling(f"ids.inverse_transform({shorten(numbers, 80)})"):
        got = ids.inverse_transform(numbers)
        assert_type(got, list, what="inverse_transform")
    return list(got)


def size(ids: Any) -> int:
    with calling("len(ids)"):
        return len(ids)


def refused(errors: type[Exception], ids: Any, method: str, value: Any, mentions: str = "") -> None:
    with calling(f"ids.{method}({shorten(value, 60)})"):
        assert_raises(errors, getattr(ids, method), value, mentions=mentions)


def plain_order(values: list[str], min_count: int = 1) -> list[str]:
    """The strings that get ids, in the order of their ids."""
    seen: list[str] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    ranked = sorted((-values.count(s), seen.index(s), s) for s in seen if values.count(s) >= min_count)
    return [s for _, _, s in ranked]


def check_ids(ids: Any, order: list[str], asked: list[str]) -> None:
    """The object gives the ids 1, 2, 3, … to `order`, 0 to all else."""
    assert_equal(size(ids), len(order) + 1, what="len")
    assert_equal(transform(ids, order), list(range(1, len(order) + 1)), what=f"transform of {shorten(order, 60)}")
    expected = [order.index(s) + 1 if s in order else 0 for s in asked]
    assert_equal(transform(ids, asked), expected, what="transform")
    assert_equal(inverse(ids, list(range(len(order) + 1))), [None, *order], what="inverse_transform")


def test_most_frequent_first() -> None:
    """Ids count up from 1 without gaps: the most frequent string first, ties in the order of first sight."""
    check_ids(fitted(DRINKS), ["milk", "tea", "rum"], ["rum", "tea", "tea"])
    check_ids(fitted(["b", "c", "a", "a", "c", "b", "d"]), ["b", "c", "a", "d"], ["d", "a"])
    for stream, n in enumerate([1, 2, 7, 127]):
        values = [f"s{v}" for v in rng(stream).geometric(0.15, n)]
        check_ids(fitted(values), plain_order(values), values)


def test_unknown_strings_have_the_id_0() -> None:
    """A string that fit has not seen has the id 0, and asking for it teaches nothing."""
    ids = fitted(DRINKS)
    for _ in range(2):
        assert_equal(transform(ids, ["gin", "tea", "gin", "te"]), [0, 2, 0, 0], what="transform")
        assert_equal(size(ids), 4, what="len after a transform")
    assert_equal(transform(ids, []), [], what="transform of no strings")
    nothing = fitted([])
    assert_equal(size(nothing), 1, what="len after fit on no strings")
    assert_equal(transform(nothing, ["tea"]), [0], what="transform")
    assert_equal(inverse(nothing, [0, 0]), [None, None], what="inverse_transform")


def test_rare_strings_share_the_id_0() -> None:
    """Strings seen less often than min_count share the id 0; exactly min_count times is enough."""
    for min_count, order in [(1, ["milk", "tea", "rum"]), (2, ["milk", "tea"]), (3, ["milk"]), (4, [])]:
        check_ids(fitted(DRINKS, min_count), order, ["rum", "tea", "gin"])
    values = [f"s{v}" for v in rng(10).geometric(0.1, 129)]
    check_ids(fitted(values, 5), plain_order(values, 5), values)


def test_strings_are_taken_as_they_are() -> None:
    """Case, blanks, accents, the empty string and "None" make different categories."""
    values = ["Tea", "tea", " tea", "tea ", "", " ", "None", "nan", "0", "caf\u00e9", "cafe\u0301", "cafe", "<unk>"]
    check_ids(fitted(values), values, ["TEA", "none", "  "])
    check_ids(fitted(np.array(DRINKS).tolist()), ["milk", "tea", "rum"], ["tea"])


def test_any_iterable_read_once() -> None:
    """A generator, a tuple or an array of strings will do, and lists are left as they were."""
    check_ids(fitted(s for s in DRINKS), ["milk", "tea", "rum"], ["tea"])
    check_ids(fitted(tuple(DRINKS)), ["milk", "tea", "rum"], ["tea"])
    check_ids(fitted(np.array(DRINKS)), ["milk", "tea", "rum"], ["tea"])
    values, asked = list(DRINKS), ["tea", "gin"]
    with unchanged(values=values, asked=asked):
        ids = fitted(values)
        transform(ids, asked)
    assert_equal(transform(ids, (s for s in DRINKS)), [2, 1, 1, 3, 2, 1], what="transform of a generator")


def test_back_to_strings() -> None:
    """inverse_transform gives the string of each id and None for 0, and refuses ids that do not exist."""
    ids = fitted(DRINKS)
    assert_equal(inverse(ids, [3, 0, 1, 1]), ["rum", None, "milk", "milk"], what="inverse_transform")
    assert_equal(inverse(ids, np.array([2, 0], dtype=np.int32)), ["tea", None], what="inverse_transform")
    assert_equal(inverse(ids, transform(ids, DRINKS)), DRINKS, what="inverse_transform of transform")
    assert_equal(inverse(ids, []), [], what="inverse_transform of no ids")
    assert_equal(inverse(ids, np.array([], dtype=np.int64)), [], what="inverse_transform of no ids")
    for bad in ([4], [-1], [1, -4], [0, 1000]):
        refused(ValueError, ids, "inverse_transform", bad, mentions="ids")
        refused(ValueError, ids, "inverse_transform", np.array(bad), mentions="ids")


def test_fit_comes_first_and_begins_anew() -> None:
    """transform, inverse_transform and save before fit raise RuntimeError; a second fit forgets the first."""
    ids = fitted(DRINKS)
    with calling("CategoryIds()"):
        for method, value in (("transform", ["tea"]), ("inverse_transform", [0]), ("save", "never-written.json")):
            refused(RuntimeError, work.CategoryIds(), method, value)
    with calling("ids.fit(values) a second time"):
        ids.fit(["gin", "tea", "gin"])
    check_ids(ids, ["gin", "tea"], ["milk", "rum"])
    with calling("ids.fit(values) a third time"):
        ids.fit(DRINKS)
        other = work.CategoryIds()
        other.fit(["x"])
    check_ids(ids, ["milk", "tea", "rum"], ["gin"])


def test_values_that_are_no_strings() -> None:
    """A value that is no str, or a bare string, raises TypeError that names values, and fit then changes nothing."""
    ids = fitted(DRINKS)
    for bad in (None, 7, 1.5, float("nan"), b"tea", ["tea"], np.int64(3)):
        refused(TypeError, ids, "fit", ["gin", bad, "gin"], mentions="values")
        refused(TypeError, ids, "transform", ["tea", bad], mentions="values")
    for bare in ("tea", "", "t"):
        refused(TypeError, ids, "fit", bare, mentions="values")
        refused(TypeError, ids, "transform", bare, mentions="values")
    assert_equal(size(ids), 4, what="len after a fit that raised TypeError")
    check_ids(ids, ["milk", "tea", "rum"], ["gin"])


def test_min_count_below_1_is_refused() -> None:
    """A min_count below 1 raises ValueError that names it."""
    for bad in (0, -3):
        with calling(f"CategoryIds(min_count={bad})"):
            assert_raises(ValueError, work.CategoryIds, min_count=bad, mentions="min_count")
    with calling("CategoryIds(2)"):
        two = work.CategoryIds(2)
        two.fit(DRINKS)
    check_ids(two, ["milk", "tea"], ["rum"])


def test_saved_and_loaded(tmp_path: Path) -> None:
    """What load gives answers like what was saved, whatever the strings hold; an existing file is replaced."""
    odd = ['say "tea"', "two\nlines", "\r\n", "tab\there", "a,b;c", "", " ", "\\n", "Grün 茶 🍵", "null", "\u2028"]
    for path, values, min_count in [
        (tmp_path / "ids.file", odd + DRINKS, 1),
        (str(tmp_path / "ids.file"), DRINKS, 2),
        (tmp_path / "none.file", [], 3),
    ]:
        order = plain_order(values, min_count)
        ids = fitted(values, min_count)
        with calling(f"ids.save(path); CategoryIds.load(path), fitted on {shorten(values, 50)}"):
            ids.transform(["never seen"])
            ids.save(path)
            loaded = work.CategoryIds.load(path)
            require(loaded is not ids, "load gave the very object that was saved")
            require(isinstance(loaded, work.CategoryIds), "load gave something other than a CategoryIds", got=loaded)
            assert_equal(getattr(loaded, "min_count", None), min_count, what="min_count after load")
        assert_equal(size(loaded), len(order) + 1, what="len after load")
        for number, name in enumerate(order, start=1):
            assert_equal(inverse(loaded, [number]), [name], what="the string of an id after load")
        check_ids(loaded, order, ["gin", "never seen", "rum", "tea"])
        with calling("CategoryIds.load(path).fit(values)"):
            loaded.fit(["x", "x", "x", "y"])
        check_ids(loaded, ["x", "y"] if min_count == 1 else ["x"], ["tea"])
        check_ids(ids, order, ["gin", "rum", "tea"])


def test_the_file_outlives_the_process(tmp_path: Path) -> None:
    """Another process loads the same ids from the file."""
    values = [f"s{v}" for v in rng(30).permutation(50)]
    path = tmp_path / "ids.file"
    ids = fitted(values)
    with calling("ids.save(path)"):
        ids.save(path)
    program = tmp_path / "serve.py"
    program.write_text(
        "import sys\n"
        "from category_ids import CategoryIds\n"
        "ids = CategoryIds.load(sys.argv[1])\n"
        "print(len(ids), *ids.transform(sys.argv[2:]).tolist())\n"
    )
    asked = [values[40], "gin", values[0], values[49]]
    ran = run_python(program, path, *asked)
    last_words = (ran.stderr.strip().splitlines() or [""])[-1]
    require(ran.code == 0, "loading in another process failed", got=Shown(last_words))
    assert_equal(ran.stdout.split(), ["51", "41", "0", "1", "50"], what="another process", call="CategoryIds.load(p)")


@timing
def test_a_million_strings() -> None:
    """A million strings are numbered and looked up, in time that grows with their number."""

    def make(n: int) -> Callable[[], object]:
        values = [f"s{i}" for i in range(n)]
        return lambda: work.CategoryIds().fit(values).transform(values)

    assert_equal(transform(fitted(DRINKS), ["tea"]), [2], what="transform")
    with calling("CategoryIds().fit(values).transform(values)"):
        assert_growth(make, 250, 4000, at_most=90)
    numbers = rng(40).permutation(1_000_000) % 50_000
    names = [f"s{i}" for i in range(50_000)]
    values = [names[i] for i in numbers.tolist()]
    # Every string comes twenty times, so the order is that of first sight.
    _, first_seen = np.unique(numbers, return_index=True)
    id_by_number = np.empty(50_000, dtype=np.int64)
    id_by_number[np.argsort(first_seen)] = np.arange(1, 50_001)
    expected = id_by_number[numbers[:100_000]]
    ids = fitted(values)
    assert_equal(size(ids), 50_001, what="len")
    assert_close(transform(ids, values[:100_000]), expected, what="transform")
