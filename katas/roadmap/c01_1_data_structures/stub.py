"""Ten small functions on lists, dicts, sets and strings."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)


def grade(score: float) -> str:
    """The letter for a score from 0 to 100: A from 90, B from 80, C from 70, D from 60, else F.

    Raises ValueError, naming score, for anything outside 0 to 100, NaN included.
    """
    raise NotImplementedError


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    """`items` cut into lists of `size`; the last one may be shorter.

    Raises ValueError, naming size, when it is below 1.
    """
    raise NotImplementedError


def unique(items: Iterable[K]) -> list[K]:
    """Each item once, in the order of first sight."""
    raise NotImplementedError


def tally(items: Iterable[K]) -> dict[K, int]:
    """Item -> how often it occurs, in the order of first sight."""
    raise NotImplementedError


def most_common(counts: Mapping[str, int], n: int) -> list[tuple[str, int]]:
    """The `n` entries with the highest counts, highest first; equal counts in the order of their texts.

    Raises ValueError, naming n, when it is negative.
    """
    raise NotImplementedError


def inverted(mapping: Mapping[K, V]) -> dict[V, list[K]]:
    """Value -> all keys that have it, in the order of `mapping`."""
    raise NotImplementedError


def transposed(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """Columns of `rows` as lists; no rows give [].

    Raises ValueError, naming rows, when they differ in length.
    """
    raise NotImplementedError


def words(text: str) -> list[str]:
    """The words of `text` in lower case; what counts as a word is in the task."""
    raise NotImplementedError


def is_palindrome(text: str) -> bool:
    """Whether the letters and digits of `text`, case aside, read the same backwards."""
    raise NotImplementedError


def jaccard(first: Iterable[K], second: Iterable[K]) -> float:
    """Distinct items in both, divided by distinct items in either; 1.0 when both are empty."""
    raise NotImplementedError
