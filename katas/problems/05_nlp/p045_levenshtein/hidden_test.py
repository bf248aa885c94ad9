"""Hidden test of p045_levenshtein."""

import re
from functools import partial
from itertools import pairwise
from pydoc_data.topics import topics
from typing import Any

from kata_runner.checking import (
    assert_dtype,
    assert_equal,
    assert_growth,
    assert_memory,
    edges,
    learner,
    require,
    rng,
    timing,
)

work = learner("levenshtein")

SHORT = [("a", "a"), ("a", "b"), ("a", "ab"), ("ab", "b"), ("cat", "cut"), ("cat", "at"), ("kitten", "sitting")]
SHORT += [("abcd", "acbd"), ("sunday", "saturn"), ("abab", "baba"), ("aaa", "aa"), ("flaw", "lawn"), ("abc", "xyz")]


def plain(a: str, b: str) -> int:
    """The full table, every cell of it filled by the three edits."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            ways = [table[i - 1][j] + 1] if i else []
            if j:
                ways.append(table[i][j - 1] + 1)
            if i and j:
                ways.append(table[i - 1][j - 1] + (0 if a[i - 1] == b[j - 1] else 1))
            table[i][j] = min(ways, default=0)
    return table[len(a)][len(b)]


def random_pairs(stream: int, n: int, longest: int) -> list[tuple[str, str]]:
    random = rng(stream)
    letters = [random.choice(list("abcd"), random.integers(1, longest + 1)).tolist() for _ in range(2 * n)]
    return [("".join(a), "".join(b)) for a, b in zip(letters[::2], letters[1::2], strict=True)]


def words() -> list[str]:
    """Words of six letters of Python's manual."""
    return sorted(set(re.findall(r"\b[a-z]{6}\b", topics["for"] + topics["import"] + topics["class"])))


def manual_lines() -> list[str]:
    lines = [line.strip() for line in topics["import"].splitlines()]
    return [line for line in lines if len(line) > 40]


def is_apart(a: str, b: str) -> None:
    expected = plain(a, b)
    assert_equal(work.distance(a, b), expected)


def may_swap(a: str, b: str) -> bool:
    """Two different neighbours of a stand in b the other way round; that is a check of its own."""
    return any(x != y and y + x in b for x, y in pairwise(a))


def script_of(a: str, b: str) -> list[Any]:
    """The learner's script, if it is a list of pairs of texts."""
    got = work.edit_script(a, b)
    require(isinstance(got, list), "edit_script must return a list", got=got)
    for pair in got:
        is_pair = isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(side, str) for side in pair)
        require(is_pair, "edit_script must return a list of pairs of strings", got=got)
    return list(got)


def is_shortest(a: str, b: str) -> None:
    expected = plain(a, b)
    script = script_of(a, b)
    assert_equal("".join(old for old, _ in script), a, what="the old sides, joined,")
    assert_equal("".join(new for _, new in script), b, what="the new sides, joined,")
    assert_equal(sum(old != new for old, new in script), expected, what="the number of edits")


def test_the_least_number_of_edits() -> None:
    """1. The distance is the least number, an integer, of insertions, deletions and replacements."""
    vocabulary = words()
    typos = [(typo, word) for typo in ("retorn", "modul", "clases") for word in vocabulary[::24]]
    for a, b in [*SHORT[:7], *(pair for pair in random_pairs(1, 80, 6) + typos if not may_swap(*pair))]:
        is_apart(a, b)
        is_apart(b, a)
    for a, b in (("abcdefghij", "ghijabcdef"), ("a" * 300, "b")):  # far from the diagonal, and above 255
        is_apart(a, b)
    assert_dtype(work.distance("a", "b"), "integer")


def test_neighbours_that_change_places() -> None:
    """2. Two neighbours that change places count as two edits."""
    for a, b in (("ab", "ba"), ("form", "from"), ("abcd", "badc"), ("retrun", "return")):
        is_apart(a, b)


def test_each_pair_is_one_step() -> None:
    """6. Each side of a pair is one character or "", and not both are ""."""
    for a, b in [
        ("a", "a"),
        ("a", "b"),
        ("", "b"),
        ("a", ""),
        ("", ""),
        ("", "abc"),
        ("abc", ""),
        ("ab", "bab"),
        *SHORT,
    ]:
        script = script_of(a, b)
        for old, new in script:
            fine = len(old) <= 1 and len(new) <= 1 and bool(old or new)
            require(fine, f"({old!r}, {new!r}) is not one step", got=script)


def test_the_script_turns_a_into_b() -> None:
    """7. The old sides joined are a, and the new sides joined are b."""
    pairs = [
        ("a", "b"),
        ("ab", "b"),
        ("b", "ab"),
        ("", "ab"),
        ("ab", ""),
        ("", "ba"),
        ("ba", ""),
        *SHORT,
        *random_pairs(2, 20, 8),
    ]
    lines = manual_lines()
    for a, b in [*pairs, *pairwise(lines[:4])]:
        script = script_of(a, b)
        assert_equal("".join(old for old, _ in script), a, what="the old sides, joined,")
        assert_equal("".join(new for _, new in script), b, what="the new sides, joined,")


def test_the_script_is_as_short_as_the_distance() -> None:
    """8. The pairs whose sides differ are as many as the distance."""
    lines = manual_lines()
    for a, b in [*SHORT, *random_pairs(3, 40, 8), *pairwise(lines[:4])]:
        expected = plain(a, b)
        script = script_of(a, b)
        n_edits = sum(old != new for old, new in script)
        require(n_edits == expected, f"the script has {n_edits} edits, {expected} are enough", got=script)


edges()


@timing
def test_the_time_grows_with_the_product() -> None:
    """10. The time grows with the product of the lengths: ten times the length takes about 100 times as long."""
    text = "\n".join(manual_lines())
    for function in (work.distance, work.edit_script):
        make = lambda n, function=function: partial(function, text[:n], text[500 : 500 + n])  # noqa: E731
        # A time that grows with the cube of the length is 1,000 times as long.
        assert_growth(make, 24, 240, 330)


def test_empty_strings() -> None:
    """3. To the empty string, every character is one edit; two empty strings are 0 apart."""
    for a in ("", "a", "abc", "  "):
        is_apart(a, "")
        is_apart("", a)


def test_characters_are_code_points() -> None:
    """4. Both functions compare code points as they are: capitals, blanks, accents and emoji differ."""
    for a, b in (
        ("a", "A"),
        ("é", "e"),
        ("é", "e\u0301"),
        ("ﬁ", "fi"),
        ("ü", "ö"),
        ("ß", "ss"),
        ("😀", "😁"),
        ("😀", ""),
        ("👩‍👧", "👩"),
        (" a", "a"),
        ("a ", "a"),
        ("a-b", "ab"),
        ("a\0b", "ab"),
        ("日本", "日木"),
    ):
        is_apart(a, b)
    for a, b in (("aA", "a"), ("e\u0301", "a"), ("éé", "e\u0301é"), ("ß", "ss"), ("a ", "a"), ("😀", "")):
        is_shortest(a, b)


def test_no_table_is_kept() -> None:
    """5. The memory of distance grows with the lengths of the strings, not with their product."""
    text = "\n".join(manual_lines())
    a, b = text[:300], text[700:1000]
    # A list for the whole table holds 0.7 MB of references, and one byte for each cell is 0.09 MB; two rows hold 10 kB.
    expected = plain(a, b)
    got = assert_memory(lambda: work.distance(a, b), 0.05, what="distance of twice 300 characters")
    assert_equal(got, expected, what="distance of twice 300 characters")


def test_a_thousand_characters_have_a_script() -> None:
    """9. edit_script works for a thousand characters: it does not go deeper into a recursion with each of them."""
    text = "\n".join(manual_lines())
    for a, b in ((text[:1100], text[700:710]), (text[700:710], text[:1100])):
        is_shortest(a, b)
