"""`chunks` gives back no chunks for no items before it has looked at the size, so a size of 0 is not refused then."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)


def grade(score: float) -> str:
    """The letter for a score from 0 to 100: A from 90, B from 80, C from 70, D from 60, else F.

    Raises ValueError, naming score, for anything outside 0 to 100, NaN included.
    """
    if not (0 <= score <= 100):
        raise ValueError(f"score must lie from 0 to 100, not {score!r}")
    if score >= 90:
        return "A"
    if score >= 80:
        return "B"
    if score >= 70:
        return "C"
    if score >= 60:
        return "D"
    return "F"


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    """`items` cut into lists of `size`; the last one may be shorter.

    Raises ValueError, naming size, when it is below 1.
    """
    if not items:
        return []
    if size < 1:
        raise ValueError(f"size must be at least 1, not {size}")
    result: list[list[T]] = []
    for start in range(0, len(items), size):
        result.append(list(items[start : start + size]))
    return result


def unique(items: Iterable[K]) -> list[K]:
    """Each item once, in the order of first sight."""
    seen: set[K] = set()
    result: list[K] = []
    for item in items:
        if item not in seen:
            seen.add(item)
            result.append(item)
    return result


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
        raise ValueError(f"n must be 0 or more, not {n}")
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ranked[:n]


def inverted(mapping: Mapping[K, V]) -> dict[V, list[K]]:
    """Value -> all keys that have it, in the order of `mapping`."""
    result: dict[V, list[K]] = {}
    for key, value in mapping.items():
        if value not in result:
            result[value] = []
        result[value].append(key)
    return result


def transposed(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """Columns of `rows` as lists; no rows give [].

    Raises ValueError, naming rows, when they differ in length.
    """
    if not rows:
        return []
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise ValueError("rows must all be of one length")
    return [[row[j] for row in rows] for j in range(width)]


def words(text: str) -> list[str]:
    """The words of `text` in lower case; what counts as a word is in the task."""
    text = text.replace("’", "'")
    found: list[str] = []
    word = ""
    for i, character in enumerate(text):
        if character.isalnum():
            word += character
        elif (
            word
            and character in "'-"
            and i + 1 < len(text)
            and text[i - 1].isalnum()
            and text[i + 1].isalnum()
        ):
            word += character
        elif word:
            found.append(word.lower())
            word = ""
    if word:
        found.append(word.lower())
    return found


def is_palindrome(text: str) -> bool:
    """Whether the letters and digits of `text`, case aside, read the same backwards."""
    kept = "".join(character for character in text if character.isalnum()).lower()
    return kept == kept[::-1]


def jaccard(first: Iterable[K], second: Iterable[K]) -> float:
    """Distinct items in both, divided by distinct items in either; 1.0 when both are empty."""
    one, two = set(first), set(second)
    if not one and not two:
        return 1.0
    return len(one & two) / len(one | two)
