"""A plain list as the window, padded step by step; texts are cut by slices."""
import re


def ngrams(items, n, start=None, end=None):
    if n < 1:
        raise ValueError("n")
    window = [start for _ in range(n - 1)] if start is not None else []
    empty = True
    for item in items:
        empty = False
        window.append(item)
        if len(window) == n:
            yield tuple(window)
            del window[0]
    if end is not None and not empty:
        for _ in range(n - 1):
            window.append(end)
            if len(window) == n:
                yield tuple(window)
                del window[0]


def char_ngrams(text, n, start=None, end=None):
    if start is None and end is None:
        if n < 1:
            raise ValueError("n")
        for i in range(len(text) - n + 1):
            yield text[i : i + n]
    else:
        for gram in ngrams(text, n, start, end):
            yield "".join(gram)


def word_ngrams(text, n, start=None, end=None):
    words = [word.lower() for word in re.findall(r"\w+", text)]
    yield from ngrams(words, n, start, end)
