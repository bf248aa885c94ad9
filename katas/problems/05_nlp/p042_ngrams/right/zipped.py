"""Copies of one iterator, each a step ahead of the one before, are zipped."""
import itertools
import re


def ngrams(items, n, start=None, end=None):
    if n < 1:
        raise ValueError("n is below 1")
    items = iter(items)
    try:
        first = next(items)
    except StopIteration:
        return iter(())
    parts = [[first], items]
    if start is not None:
        parts.insert(0, (n - 1) * [start])
    if end is not None:
        parts.append((n - 1) * [end])
    copies = itertools.tee(itertools.chain.from_iterable(parts), n)
    return zip(*(itertools.islice(copy, i, None) for i, copy in enumerate(copies)))


def char_ngrams(text, n, start=None, end=None):
    return map("".join, ngrams(text, n, start, end))


def word_ngrams(text, n, start=None, end=None):
    return ngrams(re.findall(r"\w+", text.lower()), n, start, end)
