"""Your words turns ’ into ' with a pattern that also uses up the letter after it. When only one letter stands between two
apostrophes, it is no longer there for the second, which stays as it was."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"))
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
CURLY = re.compile(r"([^\W_])’([^\W_])")


def grade(score: float) -> str:
    """The letter for a score from 0 to 100: A from 90, B from 80, C from 70, D from 60, else F.

    Raises ValueError, naming score, for anything outside 0 to 100, NaN included.
    """
    if not 0 <= score <= 100:
        raise ValueError(f"score must be from 0 to 100, not {score}")
    for least, letter in LETTERS:
        if score >= least:
            return letter
    return "F"


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    """`items` cut into lists of `size`; the last one may be shorter.

    Raises ValueError, naming size, when it is below 1.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, not {size}")
    return [list(items[i : i + size]) for i in range(0, len(items), size)]


def unique(items: Iterable[K]) -> list[K]:
    """Each item once, in the order of first sight."""
    return list(dict.fromkeys(items))


def tally(items: Iterable[K]) -> dict[K, int]:
    """Item -> how often it occurs, in the order of first sight."""
    counts: dict[K, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


def most_common(counts: Mapping[str, int], n: int) -> list[tuple[str, int]]:
    """The `n` entries with the highest counts, highest first; equal counts in the order of their texts.

    Raises ValueError, naming n, when it is negative.
    """
    if n < 0:
        raise ValueError(f"n must not be negative, not {n}")
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:n]


def inverted(mapping: Mapping[K, V]) -> dict[V, list[K]]:
    """Value -> all keys that have it, in the order of `mapping`."""
    keys: dict[V, list[K]] = {}
    for key, value in mapping.items():
        keys.setdefault(value, []).append(key)
    return keys


def transposed(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """Columns of `rows` as lists; no rows give [].

    Raises ValueError, naming rows, when they differ in length.
    """
    if len({len(row) for row in rows}) > 1:
        raise ValueError("rows must all have the same length")
    return [list(column) for column in zip(*rows)]


def words(text: str) -> list[str]:
    """The words of `text` in lower case; what counts as a word is in the task."""
    straight = CURLY.sub(r"\1'\2", text)
    return [word.lower() for word in WORD.findall(straight)]


def is_palindrome(text: str) -> bool:
    """Whether the letters and digits of `text`, case aside, read the same backwards."""
    kept = "".join(char for char in text if char.isalnum()).lower()
    return kept == kept[::-1]


def jaccard(first: Iterable[K], second: Iterable[K]) -> float:
    """Distinct items in both, divided by distinct items in either; 1.0 when both are empty."""
    a, b = set(first), set(second)
    if not a and not b:
        return 1.0
    return len(a & b) / len(a | b)
