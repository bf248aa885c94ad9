"""Seven small functions on lists, dicts and strings."""

import re
from collections.abc import Hashable
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

# [^\W_] is "a letter or digit": \w without the underscore. One mark may join two such runs, never two marks.
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def grade(score: float) -> str:
    """The letter for a score: A from 90, B from 80, C from 70, D from 60, else F.

    Raises ValueError for anything outside 0 to 100, NaN included.
    """
    # Asked this way round, NaN is refused too: every comparison with it is False.
    if not 0 <= score <= 100:
        raise ValueError(f"score must be from 0 to 100, got {score}")
    for limit, letter in ((90, "A"), (80, "B"), (70, "C"), (60, "D")):
        if score >= limit:
            return letter
    return "F"


def chunks(items: list[T], size: int) -> list[list[T]]:
    """`items` cut into lists of `size`; the last one may be shorter.

    Raises ValueError when size is below 1.
    """
    if size < 1:
        raise ValueError(f"size must be 1 or more, got {size}")
    # A slice that reaches beyond the end stops there, so the short last chunk needs no special case.
    return [items[start : start + size] for start in range(0, len(items), size)]


def tally(items: list[K]) -> dict[K, int]:
    """Item -> how often it occurs, in order of first appearance."""
    counts: dict[K, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


def most_common(counts: dict[str, int], n: int) -> list[tuple[str, int]]:
    """The `n` entries with the highest counts, highest first; equal counts in the order of their texts.

    Raises ValueError when n is negative.
    """
    if n < 0:
        # Without this check, [:-1] would drop the last entry in silence.
        raise ValueError(f"n must not be negative, got {n}")
    # Tuples are compared item by item: the negative count puts the highest first, the text breaks ties.
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:n]


def inverted(mapping: dict[K, V]) -> dict[V, list[K]]:
    """Value -> all keys that have it, both in order of first appearance."""
    keys_by_value: dict[V, list[K]] = {}
    for key, value in mapping.items():
        keys_by_value.setdefault(value, []).append(key)
    return keys_by_value


def transposed(rows: list[list[T]]) -> list[list[T]]:
    """The columns of `rows`.

    Raises ValueError when the rows differ in length.
    """
    # Without strict=True, zip would stop at the shortest row and lose data in silence.
    return [list(column) for column in zip(*rows, strict=True)]


def words(text: str) -> list[str]:
    """The words of `text` in lower case; what counts as a word is in the task."""
    # Lower case comes last: İ becomes two characters by it, and the second one is not a letter.
    return [word.lower().replace("’", "'") for word in WORD.findall(text)]


# At work, collections.Counter is `tally` and more (its most_common leaves ties in order of first appearance),
# itertools.batched (3.12) is `chunks` for any stream, and collections.defaultdict(list) shortens `inverted`.
