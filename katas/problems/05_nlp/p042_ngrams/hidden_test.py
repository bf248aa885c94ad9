"""Hidden test of p042_ngrams."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count, islice
from pydoc_data.topics import topics
from typing import Any

import numpy as np

from kata_runner.checking import (
    assert_equal,
    assert_memory,
    assert_raises,
    assert_type,
    edges,
    learner,
    require,
    rng,
)

work = learner("ngrams")


def plain(items: Iterable[Any], n: int, start: Any = None, end: Any = None) -> list[tuple[Any, ...]]:
    """All items in one list, padded, and every slice of n."""
    held = list(items)
    if not held:
        return []
    padded = [*([] if start is None else [start] * (n - 1)), *held, *([] if end is None else [end] * (n - 1))]
    return [tuple(padded[i : i + n]) for i in range(len(padded) - n + 1)]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def listed(got: Any, limit: int = 100_000) -> list[Any]:
    """What the learner's function yields, cut off where it does not end."""
    require(isinstance(got, Iterable), "what comes back cannot be iterated over", got=got)
    return list(islice(got, limit))


def yields(items: Any, n: int, **padding: Any) -> None:
    expected = plain(items, n, **padding)
    assert_equal(listed(work.ngrams(items, n, **padding)), expected, what=f"ngrams, n = {n}")


def test_every_run_is_there() -> None:
    """1. Every run of n neighbours is yielded as a tuple, from the first to the last."""
    yields([1, 2], 1)
    for n in (2, 1, 3, 4):
        yields(["a", "b", "c", "d"], n)
    for stream, size in enumerate((7, 127, 129)):
        items = rng(stream).integers(0, 5, size).tolist()
        for n in (1, 2, 5):
            yields(items, n)
    for gram in listed(work.ngrams(["a", "b", "c"], 2)):
        assert_type(gram, tuple, what="a gram")


def test_symbols_stand_before_and_after() -> None:
    """4. With start, n - 1 copies of it stand before the first item; with end, n - 1 after the last."""
    for items, n in (["a", "b"], 2), (["a", "b", "c"], 3), (["a"], 3), (["a", "b"], 5), (["a", "b"], 1):
        yields(items, n, start="<")
        yields(items, n, end=">")
        yields(items, n, start="<", end=">")


def test_characters_are_taken_as_they_are() -> None:
    """8. char_ngrams yields strings of n characters; blanks, capitals and punctuation count, padding as in 4."""
    for text in ("abc", "A b", "Don't!\n", "a  b ", "e\u0301x", topics["assert"][:300]):
        for n in (2, 1, 3):
            for padding in ({}, {"start": "^"}, {"start": "^", "end": "$"}):
                expected = ["".join(gram) for gram in plain(text, n, **padding)]
                assert_equal(listed(work.char_ngrams(text, n, **padding)), expected, what=f"char_ngrams, n = {n}")


def test_words_are_matched_in_lower_case() -> None:
    """9. word_ngrams yields tuples of n words: the matches of the expression \\w+, in lower case; padding as in 4."""
    texts = ("To be or", "to be, or NOT to be", "I am a_b  x2\nÜber-all; it's", "die Straße", topics["assert"])
    for text in texts:
        for n in (2, 1, 3):
            for padding in ({}, {"end": "</s>"}, {"start": "<S>", "end": "</S>"}):
                expected = plain(words(text), n, **padding)
                assert_equal(listed(work.word_ngrams(text, n, **padding)), expected, what=f"word_ngrams, n = {n}")
    for gram in listed(work.word_ngrams("to be or", 2)):
        assert_type(gram, tuple, what="a gram")
    text = "\n".join(topics[name] for name in sorted(topics))[:60_000]
    expected_counts = Counter(plain(words(text), 2))
    got = Counter(listed(work.word_ngrams(text, 2)))
    top = expected_counts.most_common(1)[0][0]
    assert_equal(got[top], expected_counts[top], what=f"how often {top} comes in 60,000 characters of Python's manual")
    require(got == expected_counts, "the counts of pairs in 60,000 characters of Python's manual are wrong")


def counted(source: Iterable[Any], read: list[Any]) -> Iterator[Any]:
    for item in source:
        read.append(item)
        yield item


def test_a_gram_comes_as_soon_as_it_is_complete() -> None:
    """6. All three return iterators, and ngrams yields each gram as soon as its last item is read."""
    for function, items in ((work.ngrams, [1, 2, 3]), (work.char_ngrams, "abc"), (work.word_ngrams, "a b c")):
        got = function(items, 2)
        require(isinstance(got, Iterator), "what comes back is no iterator: next() cannot be called on it", got=got)
    for n, padding, first in ((2, {}, 2), (1, {}, 1), (3, {}, 3), (3, {"start": "<"}, 1), (3, {"end": ">"}, 3)):
        read: list[int] = []
        grams = work.ngrams(counted(islice(count(1), 1000), read), n, **padding)
        require(isinstance(grams, Iterator), "what comes back is no iterator", got=grams)
        for i in range(4):
            require(len(list(islice(grams, 1))) == 1, f"gram {i + 1} of an iterator over 1, 2, 3, … does not come")
            assert_equal(len(read), first + i, what=f"the number of items read for {i + 1} grams of {n} items")


def test_only_the_window_is_held() -> None:
    """7. ngrams holds about n items at a time: a stream of thousands takes no more memory than a short one."""

    def run_through() -> int:
        stream = (f"a word of a long text, number {i}" for i in range(20_000))
        grams = work.ngrams(stream, 3, start="<", end=">")
        require(isinstance(grams, Iterable), "what comes back cannot be iterated over", got=grams)
        return sum(1 for _ in grams)

    # 20,000 such texts take 1.7 MB.
    assert_equal(assert_memory(run_through, 0.3, what="ngrams over a generator"), 20_002, what="the number of grams")


edges()


def test_any_iterable() -> None:
    """2. items may be a generator, a tuple, a string or a dict; they may be None, equal, unhashable, or arrays."""
    for items in ([None, 1, None], [1, 1, 1], [[1], [2], [3]], (1, 2, 3), "abc", {"x": 1, "y": 2}, range(5)):
        yields(items, 2)
    yields([None, None], 2, start="<", end=">")
    yields([np.array([1, 2]), np.array([1, 2])], 2)  # == of two arrays is neither True nor False
    expected = plain([1, None, 3, 4], 3)
    assert_equal(listed(work.ngrams(iter([1, None, 3, 4]), 3)), expected, what="ngrams of an iterator")
    expected = plain([1, None, 3, 4], 2, "<", ">")
    assert_equal(listed(work.ngrams(iter([1, None, 3, 4]), 2, "<", ">")), expected, what="ngrams of an iterator")


def test_too_few_items() -> None:
    """3. Fewer than n items yield nothing, and n items a single gram."""
    for items, n in (["a"], 2), (["a", "b"], 3), (["a", "b"], 2), (["a", "b", "c"], 10):
        yields(items, n)
    for function, text in ((work.char_ngrams, "ab"), (work.word_ngrams, "Only two")):
        assert_equal(listed(function(text, 3)), [], what=f"{function.__name__}, n = 3")


def test_every_value_but_none_is_a_symbol() -> None:
    """4. 0, "", False and () are symbols too; None alone means no padding."""
    for symbol in (0, "", False, ()):
        yields([7, 8], 2, start=symbol)
        yields([7, 8], 2, end=symbol)
    yields([7, 8], 3, start=None, end=None)
    yields([7, 8], 3, start=None, end=0)
    for padding in ({"end": ""}, {"start": ""}):
        assert_equal(listed(work.word_ngrams("a b", 2, **padding)), plain("ab", 2, **padding), what="word_ngrams")


def test_nothing_yields_nothing() -> None:
    """5. Empty items yield no gram, with symbols or without."""
    for padding in ({}, {"start": "<"}, {"end": ">"}, {"start": "<", "end": ">"}):
        for n in (1, 2, 4):
            yields([], n, **padding)
            for function, text in ((work.char_ngrams, ""), (work.word_ngrams, " ,")):
                assert_equal(listed(function(text, n, **padding)), [], what=f"{function.__name__}, n = {n}")


def test_n_below_one_is_refused() -> None:
    """10. ValueError when n is below 1, also where there are no items."""
    for n in (0, -1):
        for text in ("a b", ""):
            assert_raises(ValueError, work.ngrams, text.split(), n)
            assert_raises(ValueError, work.char_ngrams, text, n)
            assert_raises(ValueError, work.word_ngrams, text, n)
