"""Hidden test of p093_trie."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from kata_runner.checking import (
    assert_equal,
    assert_growth,
    assert_raises,
    calling,
    edges,
    learner,
    require,
    rng,
    timing,
)

work = learner("trie")


def trie_of(words: Counter[str] | dict[str, int]) -> Any:
    trie = work.Trie()
    for word, count in words.items():
        trie.insert(word, count)
    return trie


def best(words: Counter[str] | dict[str, int], prefix: str, k: int) -> list[tuple[str, int]]:
    """The completions, from a plain dict."""
    fitting = [(word, count) for word, count in words.items() if word.startswith(prefix)]
    return sorted(fitting, key=lambda pair: (-pair[1], pair[0]))[:k]


def nodes(words: Counter[str] | dict[str, int]) -> int:
    """One for each different beginning of a word, the empty one (the root) included."""
    return len({word[:i] for word in words for i in range(len(word) + 1)} | {""})


def random_words(stream: int, n: int, letters: str = "abc", longest: int = 5) -> Counter[str]:
    generator = rng(stream)
    lengths = generator.integers(1, longest + 1, n)
    return Counter("".join(generator.choice(list(letters), length)) for length in lengths)


SMALL = {"car": 3, "cart": 5, "cat": 3, "dog": 9}


def test_prefixes_are_no_words() -> None:
    """1. A prefix of a word is not a word, unless it is inserted too."""
    with calling('insert("cart"), then count("car") and others'):
        trie = trie_of({"cart": 1})
        for word, expected in (("car", 0), ("cart", 1), ("carts", 0), ("", 0), ("x", 0)):
            assert_equal(trie.count(word), expected, what=f"count({word!r})")
        assert_equal(len(trie), 1, what="len(trie)")
        trie.insert("car", 2)
        assert_equal([trie.count("car"), trie.count("cart"), len(trie)], [2, 1, 2], what="both counts and len(trie)")


def test_completions() -> None:
    """2. complete returns the words that begin with prefix, the prefix itself where it is a word; for "" all."""
    for words, prefixes in (({}, ("", "a")), (SMALL, ("car", "ca", "dog", "cart", "x", "carx", "ar", "og", ""))):
        for prefix in prefixes:
            expected = best(words, prefix, 10)
            with calling(f"complete({prefix!r}, 10) with the words {words}"):
                got = trie_of(words).complete(prefix, 10)
                require(isinstance(got, list), "complete has to return a list", got=got)
                assert_equal(sorted(got), sorted(expected), what="the sorted completions")


def test_order() -> None:
    """3. The largest counts come first, words with equal counts as Python sorts strings; at most k, by default 5."""
    for words in ({"b": 1, "a": 1, "c": 2}, {"ab": 2, "a": 2, "b": 2}, {"b": 10, "a": 9}):
        for k in (1, 2, 5):
            expected = best(words, "", k)
            with calling(f'complete("", {k}) with the words {words}'):
                assert_equal(trie_of(words).complete("", k), expected)
    words = random_words(1, 200)
    for prefix, k in (("", 7), ("a", 3), ("ab", 4), ("c", 1000)):
        expected = best(words, prefix, k)
        with calling(f"complete({prefix!r}, {k}) with {len(words)} words of the letters a, b, c"):
            assert_equal(trie_of(words).complete(prefix, k), expected)
    with calling('complete("") with 200 words'):
        assert_equal(trie_of(words).complete(""), best(words, "", 5))


def test_counts_add_up() -> None:
    """4. Inserting a word again adds to its count, and the order of completions follows at once."""
    with calling("insert of b, a, b, and of a with a count of 3; complete after each"):
        trie = work.Trie()
        for word, count, expected in (
            ("b", 1, [("b", 1)]),
            ("a", 1, [("a", 1), ("b", 1)]),
            ("b", 1, [("b", 2), ("a", 1)]),
            ("a", 3, [("a", 4), ("b", 2)]),
        ):
            trie.insert(word, count) if count > 1 else trie.insert(word)
            assert_equal(trie.complete(""), expected, what=f"the completions after insert({word!r}, {count})")
        assert_equal([trie.count("a"), len(trie)], [4, 2], what="[count('a'), len(trie)]")


def test_delete() -> None:
    """5. delete leaves all other words, also those that begin with the deleted one or that it begins with."""
    for gone in ("car", "cart", "cat", "dog"):
        left = {word: count for word, count in SMALL.items() if word != gone}
        expected = best(left, "", 10)
        with calling(f"delete({gone!r}) with the words {SMALL}"):
            trie = trie_of(SMALL)
            assert_equal(trie.delete(gone), True, what=f"delete({gone!r})")
            assert_equal(trie.complete("", 10), expected, what="the words left")
            assert_equal([len(trie), trie.count(gone)], [3, 0], what=f"[len(trie), count({gone!r})]")
            assert_equal(trie.delete(gone), False, what=f"the second delete({gone!r})")
            trie.insert(gone)
            assert_equal(trie.count(gone), 1, what=f"count({gone!r}) after it was inserted again")
    for missing in ("ca", "carts", "x", ""):
        with calling(f"delete({missing!r}) with the words {SMALL}"):
            trie = trie_of(SMALL)
            assert_equal(trie.delete(missing), False, what=f"delete({missing!r})")
            assert_equal(trie.complete("", 10), best(SMALL, "", 10), what="the words left")


edges()


def test_pruning() -> None:
    """6. delete prunes: n_nodes() is what it is for a trie into which only the words left were inserted."""
    for words in ({}, {"a": 1}, {"ab": 1, "ac": 1}, SMALL):
        expected = nodes(words)
        with calling(f"n_nodes() with the words {words}"):
            assert_equal(trie_of(words).n_nodes(), expected)
    for gone in ("car", "cart", "cat", "dog", "ca", "carts", "cow"):
        expected = nodes({word: 1 for word in SMALL if word != gone})
        with calling(f"delete({gone!r}), then n_nodes(), with the words {SMALL}"):
            trie = trie_of(SMALL)
            trie.delete(gone)
            trie.count("cow"), trie.complete("cow")
            assert_equal(trie.n_nodes(), expected)
    words = random_words(2, 60)
    with calling(f"delete of {len(words)} words of the letters a, b, c, one after the other"):
        trie, left = trie_of(words), Counter(words)
        for word in words:
            trie.delete(word)
            del left[word]
            expected = nodes(left)
            assert_equal(trie.n_nodes(), expected, what=f"n_nodes() after delete({word!r})")


def test_any_characters() -> None:
    """7. Characters are those of Python's strings; nothing is normalized."""
    words = {
        "é": 1,
        "e": 2,
        "e\u0301": 3,
        "Straße": 4,
        "strasse": 5,
        "👩‍🚀": 6,
        "a b": 7,
        "A": 8,
        "a": 9,
        "$": 10,
        "\x00": 11,
    }
    with calling(f"the words {list(words)}"):
        trie = trie_of(words)
        for word, expected in words.items():
            assert_equal(trie.count(word), expected, what=f"count({word!r})")
        assert_equal(trie.complete("", 20), best(words, "", 20), what="all words")
        assert_equal(trie.complete("👩"), [("👩‍🚀", 6)], what="complete('👩')")
        assert_equal(trie.n_nodes(), nodes(words), what="n_nodes()")
    with calling('complete("a") with the words "aZ" and "aa"'):
        assert_equal(trie_of({"aa": 1, "aZ": 1}).complete("a"), [("aZ", 1), ("aa", 1)])


@timing
def test_time() -> None:
    """8. insert, count, and complete of a prefix with few words do not take longer where there are more words."""

    def make(n: int) -> Callable[[], object]:
        trie = work.Trie()
        for i in range(n):
            trie.insert(f"w{i:x}")
        trie.insert("zebra")
        return partial(work_on, trie)

    def work_on(trie: Any) -> None:
        for _ in range(5):
            trie.count("zebra")
            trie.complete("zeb")
            trie.insert("zebra")

    assert_growth(make, small=100, large=10_000, at_most=12, call='count("zebra"), complete("zeb"), insert("zebra")')


def test_long_words() -> None:
    """9. Words of 10,000 characters work with Python's own recursion limit."""
    word = "ab" * 5_000
    with calling('a word of 10,000 characters, "abab…"'):
        trie = trie_of({word: 2, word[:9_999]: 1})
        assert_equal([trie.count(word), len(trie)], [2, 2], what="[count(word), len(trie)]")
        require(trie.complete("abab", 1) == [(word, 2)], "complete does not return the word")
        assert_equal(trie.delete(word), True, what="delete(word)")
        assert_equal([trie.n_nodes(), len(trie)], [10_000, 1], what="[n_nodes(), len(trie)]")


def test_two_tries() -> None:
    """10. Two tries share nothing."""
    with calling("first.insert('a'), then the second trie"):
        first, second = work.Trie(), work.Trie()
        first.insert("a")
        assert_equal([second.count("a"), len(second), second.n_nodes()], [0, 0, 1], what="the second trie")
        assert_equal(first.complete(""), [("a", 1)], what="first.complete('')")
        assert_equal(second.complete(""), [], what="second.complete('')")


def test_bad_input() -> None:
    """11. ValueError for inserting an empty word, for a count below 1, and for a k below 1."""
    trie = trie_of({"a": 1})
    for word, count in (("", 1), ("b", 0), ("b", -1), ("a", -1)):
        assert_raises(ValueError, trie.insert, word, count)
    for k in (0, -1):
        assert_raises(ValueError, trie.complete, "a", k)
        assert_raises(ValueError, trie.complete, "zzz", k)
    assert_equal([trie.complete(""), trie.n_nodes()], [[("a", 1)], 2], what="what is in the trie afterwards")
