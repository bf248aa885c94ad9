"""Hidden test of c01_1_data_structures."""

import math
from collections.abc import Callable
from typing import Any

from kata_runner.checking import (
    assert_equal,
    assert_growth,
    assert_raises,
    assert_type,
    edges,
    learner,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("collections_drill")


def assert_in_order(got: Any, expected: dict[Any, Any]) -> None:
    """The same entries, and the keys in the same order."""
    assert_equal(got, expected)
    assert_equal(list(got), list(expected), what="the order of the keys")


def test_grades() -> None:
    """grade returns the letter of each band, and a score on the border belongs to the better one."""
    cases = {95: "A", 90: "A", 85: "B", 80: "B", 79: "C", 70: "C", 65: "D", 60: "D", 59: "F", 0: "F", 100: "A"}
    for score, expected in {**cases, 89.99: "B", 69.5: "D", 59.999: "F"}.items():
        assert_equal(work.grade(score), expected)


def test_chunks() -> None:
    """chunks cuts a list into lists of the given size, in order; the last one may be shorter."""
    cases: list[tuple[int, int, list[list[int]]]] = [
        (3, 1, [[0], [1], [2]]),
        (4, 2, [[0, 1], [2, 3]]),
        (5, 2, [[0, 1], [2, 3], [4]]),
        (2, 7, [[0, 1]]),
        (0, 3, []),
    ]
    for n, size, expected in cases:
        assert_equal(work.chunks(list(range(n)), size), expected)


def test_tally() -> None:
    """tally counts items of any hashable kind, in order of first appearance."""
    cases: list[list[Any]] = [
        ["b", "a", "b"],
        ["pear", "fig", "pear", "apple", "fig"],
        [],
        [(2, 1), (1, 2), (2, 1)],
        ["b", None, "a", None],
    ]
    for items in [*cases, rng(1).integers(0, 30, 127).tolist()]:
        expected = {item: items.count(item) for item in dict.fromkeys(items)}
        assert_in_order(work.tally(list(items)), expected)


def test_most_common() -> None:
    """most_common returns the n entries with the highest counts, highest first, or all when there are fewer."""
    counts = {"be": 3, "or": 1, "not": 4, "to": 2}
    expected = [("not", 4), ("be", 3), ("to", 2), ("or", 1)]
    for n in (1, 2, 4, 5, 100, 0):
        assert_equal(work.most_common(dict(counts), n), expected[:n])
    assert_equal(work.most_common({}, 4), [])


def test_ties() -> None:
    """Of equal counts, most_common puts the text that sorts first before the others."""
    counts = {"to": 2, "be": 2, "or": 1, "not": 1, "question": 3, "is": 2, "Zoo": 2}
    expected = [("question", 3), ("Zoo", 2), ("be", 2), ("is", 2), ("to", 2), ("not", 1), ("or", 1)]
    assert_equal(work.most_common({"b": 1, "a": 1}, 2), [("a", 1), ("b", 1)])
    for n in (3, 5, 7):
        assert_equal(work.most_common(dict(counts), n), expected[:n])
    many = {f"w{i}": int(c) for i, c in enumerate(rng(2).integers(1, 6, 60))}
    expected = [(w, c) for c in range(5, 0, -1) for w in sorted(many) if many[w] == c]
    assert_equal(work.most_common(dict(many), 25), expected[:25])


def test_inverted() -> None:
    """inverted lists all keys of each value, values and keys in order of first appearance."""
    assert_in_order(work.inverted({"dog": 4, "cat": 4}), {4: ["dog", "cat"]})
    assert_in_order(
        work.inverted({"cat": 4, "bird": 2, "dog": 4, "ant": 6}), {4: ["cat", "dog"], 2: ["bird"], 6: ["ant"]}
    )
    assert_in_order(work.inverted({3: "x", 1: "y", 2: "x", 0: ""}), {"x": [3, 2], "y": [1], "": [0]})
    assert_in_order(work.inverted({}), {})


def test_transposed() -> None:
    """transposed turns rows into columns; no rows, or rows without items, have no columns."""
    cases: list[tuple[list[list[Any]], list[list[Any]]]] = [
        ([[1, 2, 3], [4, 5, 6]], [[1, 4], [2, 5], [3, 6]]),
        ([["a", "b"]], [["a"], ["b"]]),
        ([[1], [2]], [[1, 2]]),
        ([], []),
        ([[]], []),
        ([[], []], []),
    ]
    for rows, expected in cases:
        assert_equal(work.transposed([list(row) for row in rows]), expected)


def test_words() -> None:
    """words returns the runs of letters and digits in lower case; all else separates, the underscore too."""
    cases = {
        "To be, or not to be?": ["to", "be", "or", "not", "to", "be"],
        "3.14 e.g. -5": ["3", "14", "e", "g", "5"],
        "snake_case\tand\n(new) lines": ["snake", "case", "and", "new", "lines"],
        "Ärger in der STRAẞE, Straße": ["ärger", "in", "der", "straße", "straße"],
        "İstanbul": ["i\u0307stanbul"],
        " ... ": [],
        "": [],
    }
    for text, expected in cases.items():
        assert_equal(work.words(text), expected)


def test_marks_within_words() -> None:
    """A single ', ’ or - between letters or digits belongs to the word, no other mark does; ’ is returned as '."""
    cases = {
        "Don't": ["don't"],
        "it’s": ["it's"],
        "Rock’n’roll": ["rock'n'roll"],
        "a state-of-the-art GPU--or 2": ["a", "state-of-the-art", "gpu", "or", "2"],
        "rock 'n' roll, the dogs' end-": ["rock", "n", "roll", "the", "dogs", "end"],
        "x-'y o''clock -- ’": ["x", "y", "o", "clock"],
        "24-7, covid-19, the 90's and x2-y’3": ["24-7", "covid-19", "the", "90's", "and", "x2-y'3"],
        "snake_'case": ["snake", "case"],
        "a‘b": ["a", "b"],
        "2019–2020": ["2019", "2020"],
    }
    for text, expected in cases.items():
        assert_equal(work.words(text), expected)


edges()


def test_no_such_score() -> None:
    """grade refuses scores below 0, above 100 and NaN with ValueError."""
    for score in (-1, 101, -0.001, 100.1, math.nan, math.inf):
        assert_raises(ValueError, work.grade, score)


def test_no_such_size() -> None:
    """chunks refuses a size below 1 with ValueError, also when there are no items."""
    for items in ([1, 2], []):
        for size in (0, -2):
            assert_raises(ValueError, work.chunks, list(items), size)


def test_no_negative_n() -> None:
    """most_common refuses a negative n with ValueError, also when there are no counts."""
    for counts in ({"a": 1, "b": 1}, {}):
        assert_raises(ValueError, work.most_common, dict(counts), -1)


def test_rows_of_different_lengths() -> None:
    """transposed refuses rows of different lengths with ValueError."""
    for rows in ([[1, 2], [3]], [[1], [2, 3]], [[1], []], [[], [1]], [[1], [2, 3], [4]]):
        assert_raises(ValueError, work.transposed, rows)


def test_nothing_is_modified() -> None:
    """No argument is modified by any of the functions."""
    items, rows = [3, 1, 3, 2, 1], [[1, 2], [3, 4], [5, 6]]
    counts = {"b": 1, "a": 3, "c": 3}
    with unchanged(items=items):
        work.chunks(items, 2)
    with unchanged(items=items):
        work.tally(items)
    with unchanged(counts=counts):
        work.most_common(counts, 2)
    with unchanged(mapping=counts):
        work.inverted(counts)
    with unchanged(rows=rows):
        work.transposed(rows)


@timing
def test_time_in_proportion() -> None:
    """Sixteen times the items take tally and inverted about sixteen times as long, not 256 times."""
    for name in ("tally", "inverted"):

        def make(size: int, name: str = name) -> Callable[[], object]:
            given: Any = list(range(1000, size + 1000))
            if name == "inverted":
                given = {i: i + 1000 for i in range(size)}
            function = getattr(work, name)
            got = function(given)
            assert_type(got, dict, what=name)
            require(len(got) == size, f"{name} returned {len(got)} entries for {size} different items")
            return lambda: function(given)

        assert_growth(make, 250, 4000, 64, call=f"{name} of 4,000 different items, compared with 250")

    def make_one_value(size: int) -> Callable[[], object]:
        given = dict.fromkeys(range(size), "cat")
        return lambda: work.inverted(given)

    # Many more keys: copying a list of numbers is fast, and shows only where the lists are long.
    assert_growth(make_one_value, 1000, 16_000, 64, call="inverted of 16,000 keys with one value, compared with 1,000")
