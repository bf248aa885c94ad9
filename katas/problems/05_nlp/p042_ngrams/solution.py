"""Runs of n neighbours, from any stream of items."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any


def ngrams(items: Iterable[Any], n: int, start: Any = None, end: Any = None) -> Iterator[tuple[Any, ...]]:
    """Yield every run of n neighbouring items, as soon as its last item is read.

    items: any iterable, endless ones too; about n of its items are held at a time.
    start, end: symbols of which n - 1 stand before the first and after the last item; None: no padding.
    Raises ValueError when n is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    stream = iter(items)
    first = list(islice(stream, 1))
    if not first:
        return  # only symbols would be left, and a gram of symbols alone says nothing about the text
    # `is None`, as 0 and "" are symbols too: 0 is the usual id of padding.
    before = [] if start is None else [start] * (n - 1)
    after = [] if end is None else [end] * (n - 1)

    window: deque[Any] = deque(maxlen=n)  # a full deque drops its oldest item when a new one comes
    for item in chain(before, first, stream, after):
        window.append(item)
        if len(window) == n:
            yield tuple(window)  # a copy: the window itself goes on changing


def char_ngrams(text: str, n: int, start: str | None = None, end: str | None = None) -> Iterator[str]:
    """Yield every run of n characters as a string; padding and errors as for ngrams."""
    # A string is an iterable of its characters.
    return ("".join(gram) for gram in ngrams(text, n, start, end))


def word_ngrams(text: str, n: int, start: str | None = None, end: str | None = None) -> Iterator[tuple[str, ...]]:
    r"""Yield every run of n words, the matches of \w+ in lower case; padding and errors as for ngrams."""
    # finditer finds the next word only when it is asked for.
    words = (match.group() for match in re.finditer(r"\w+", text.lower()))
    return ngrams(words, n, start, end)


# nltk builds its grams in the same way, with a window over a chain of padding and items. Counting tools go on from
# here: scikit-learn's CountVectorizer turns each gram into a column number, and HashingVectorizer takes a hash of the
# gram instead, so that it never has to hold the vocabulary.
