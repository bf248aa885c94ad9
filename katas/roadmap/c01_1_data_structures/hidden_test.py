"""Hidden test of c01_1_data_structures."""

import math
import re
from collections.abc import Callable
from typing import Any

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_growth,
    assert_raises,
    assert_type,
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
    """grade gives the letter of each band, and a score on the border belongs to the better one."""
    cases = {
        90: "A",
        89.99: "B",
        80: "B",
        79: "C",
        70: "C",
        69.5: "D",
        60: "D",
        59.999: "F",
        0: "F",
        100: "A",
        95.5: "A",
    }
    for score, expected in cases.items():
        assert_equal(work.grade(score), expected)


def test_no_such_score() -> None:
    """grade refuses scores below 0, above 100 and NaN with a ValueError that names score."""
    for score in (-1, 100.1, 101, -0.001, math.nan, math.inf):
        assert_raises(ValueError, work.grade, score, mentions="score")


def test_chunks() -> None:
    """chunks cuts a list into lists of the given size, the last one as short as need be, in order."""
    cases: list[tuple[int, int, list[list[int]]]] = [
        (5, 2, [[0, 1], [2, 3], [4]]),
        (4, 2, [[0, 1], [2, 3]]),
        (3, 1, [[0], [1], [2]]),
        (2, 7, [[0, 1]]),
        (0, 3, []),
    ]
    for n, size, expected in cases:
        assert_equal(work.chunks(list(range(n)), size), expected)
    for items in ([1, 2], []):
        for size in (0, -2):
            assert_raises(ValueError, work.chunks, items, size, mentions="size")


def test_unique_and_tally() -> None:
    """unique and tally keep the order of first sight, for items of any hashable kind."""
    cases: list[list[Any]] = [
        ["pear", "fig", "pear", "apple", "fig"],
        [3, 1, 3, 2, 1, 3],
        [],
        [(2, 1), (1, 2), (2, 1)],
        ["b", None, "a", None],
    ]
    cases += [rng(1).integers(0, 30, 127).tolist()]
    for items in cases:
        once = sorted(set(items), key=items.index)
        assert_equal(work.unique(list(items)), once)
        assert_in_order(work.tally(list(items)), {item: items.count(item) for item in once})


def test_most_common() -> None:
    """most_common gives the n highest counts, highest first, and of equal counts the text that sorts first."""
    counts = {"to": 2, "be": 2, "or": 1, "not": 1, "question": 3, "is": 2, "Zoo": 2}
    expected = [("question", 3), ("Zoo", 2), ("be", 2), ("is", 2), ("to", 2), ("not", 1), ("or", 1)]
    for n in (3, 1, 5, 7, 100, 0):
        assert_equal(work.most_common(dict(counts), n), expected[:n])
    assert_equal(work.most_common({}, 4), [])
    many = {f"w{i}": int(c) for i, c in enumerate(rng(2).integers(1, 6, 60))}
    expected = [(w, c) for c in range(5, 0, -1) for w in sorted(many) if many[w] == c]
    assert_equal(work.most_common(dict(many), 25), expected[:25])
    error = assert_raises(ValueError, work.most_common, {"a": 1}, -1)
    require(re.search(r"\bn\b", str(error)) is not None, "the message does not name n", got=Shown(str(error)))


def test_inverted() -> None:
    """inverted lists all keys of each value, values and keys in their order."""
    assert_in_order(
        work.inverted({"cat": 4, "bird": 2, "dog": 4, "ant": 6}), {4: ["cat", "dog"], 2: ["bird"], 6: ["ant"]}
    )
    assert_in_order(work.inverted({3: "x", 1: "y", 2: "x", 0: ""}), {"x": [3, 2], "y": [1], "": [0]})
    assert_in_order(work.inverted({}), {})


def test_transposed() -> None:
    """transposed turns rows into columns, and refuses rows of different lengths with a ValueError that names rows."""
    cases: list[tuple[list[list[Any]], list[list[Any]]]] = [
        ([[1, 2, 3], [4, 5, 6]], [[1, 4], [2, 5], [3, 6]]),
        ([["a", "b"]], [["a"], ["b"]]),
        ([[1], [2]], [[1, 2]]),
        ([], []),
    ]
    for rows, expected in cases:
        assert_equal(work.transposed([list(row) for row in rows]), expected)
    for rows in ([[1, 2], [3]], [[1], [2, 3]], [[1], []], [[], [1]]):
        assert_raises(ValueError, work.transposed, rows, mentions="rows")


def test_words() -> None:
    """words gives the words in lower case, where one apostrophe or hyphen may join letters and digits."""
    cases = {
        "To be, or not to be?": ["to", "be", "or", "not", "to", "be"],
        "Don't panic: it’s 3.14!": ["don't", "panic", "it's", "3", "14"],
        "Rock’n’roll": ["rock'n'roll"],
        "a state-of-the-art GPU--or 2": ["a", "state-of-the-art", "gpu", "or", "2"],
        "rock 'n' roll, the dogs' -5": ["rock", "n", "roll", "the", "dogs", "5"],
        "snake_case\tand\n(new) lines": ["snake", "case", "and", "new", "lines"],
        "Ärger im CAFÉ": ["ärger", "im", "café"],
        "x-'y o''clock e.g.": ["x", "y", "o", "clock", "e", "g"],
        "24-7, covid-19, the 90's and x2-y’3": ["24-7", "covid-19", "the", "90's", "and", "x2-y'3"],
        " -- '' ... ": [],
        "": [],
        "end-": ["end"],
    }
    for text, expected in cases.items():
        assert_equal(work.words(text), expected)


def test_palindromes() -> None:
    """is_palindrome looks at letters and digits only, case aside; a text without any is one."""
    cases = {
        "level": True, "lever": False, "A man, a plan, a canal: Panama!": True, "12 - 21": True, "1 2": False, "": True,
        "?!": True, "Été": True, "ab": False, "No lemon, no melon": True, "race a car": False, "abca": False,
    }  # fmt: skip
    for text, expected in cases.items():
        assert_equal(work.is_palindrome(text), expected)


def test_jaccard() -> None:
    """jaccard divides the distinct items in both by the distinct items in either; two empty lists are alike."""
    cases: list[tuple[list[Any], list[Any], float]] = [
        ([1, 2, 3], [2, 3, 4], 0.5),
        ([1, 1, 2, 2], [2, 2, 2, 3], 1 / 3),
        (["a"], ["a", "a"], 1.0),
        ([1], [2], 0.0),
    ]
    cases += [([], [1, 2], 0.0), ([1], [], 0.0), ([], [], 1.0)]
    for first, second, expected in cases:
        assert_equal(work.jaccard(list(first), list(second)), expected)


def test_nothing_is_modified() -> None:
    """No argument is modified by any of the functions."""
    items, rows = [3, 1, 3, 2, 1], [[1, 2], [3, 4], [5, 6]]
    counts = {"b": 1, "a": 3, "c": 3}
    with unchanged(items=items, rows=rows, counts=counts):
        work.chunks(items, 2)
        work.unique(items)
        work.tally(items)
        work.jaccard(items, items)
        work.most_common(counts, 2)
        work.inverted(counts)
        got = work.transposed(rows)
    assert_equal(got, [[1, 3, 5], [2, 4, 6]])


@timing
def test_time_in_proportion() -> None:
    """Eight times the items take unique, tally and inverted about eight times as long, not sixty-four times."""
    for name in ("unique", "tally", "inverted"):

        def make(size: int, name: str = name) -> Callable[[], object]:
            given: Any = list(range(1000, size + 1000))
            if name == "inverted":
                given = {i: i + 1000 for i in range(size)}
            function = getattr(work, name)
            got = function(given)
            assert_type(got, (list, dict), what=name)
            require(len(got) == size, f"{name} gave {len(got)} entries for {size} different items")
            return lambda: function(given)

        assert_growth(make, 500, 4000, 20)
