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
    raise NotImplementedError


def char_ngrams(text: str, n: int, start: str | None = None, end: str | None = None) -> Iterator[str]:
    """Yield every run of n characters as a string; padding and errors as for ngrams."""
    raise NotImplementedError


def word_ngrams(text: str, n: int, start: str | None = None, end: str | None = None) -> Iterator[tuple[str, ...]]:
    r"""Yield every run of n words, the matches of \w+ in lower case; padding and errors as for ngrams."""
    raise NotImplementedError
