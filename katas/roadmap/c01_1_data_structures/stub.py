"""Seven small functions on lists, dicts and strings."""

from collections.abc import Hashable
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)


def grade(score: float) -> str:
    """The letter for a score: A from 90, B from 80, C from 70, D from 60, else F.

    Raises ValueError for anything outside 0 to 100, NaN included.
    """
    raise NotImplementedError


def chunks(items: list[T], size: int) -> list[list[T]]:
    """`items` cut into lists of `size`; the last one may be shorter.

    Raises ValueError when size is below 1.
    """
    raise NotImplementedError


def tally(items: list[K]) -> dict[K, int]:
    """Item -> how often it occurs, in order of first appearance."""
    raise NotImplementedError


def most_common(counts: dict[str, int], n: int) -> list[tuple[str, int]]:
    """The `n` entries with the highest counts, highest first; equal counts in the order of their texts.

    Raises ValueError when n is negative.
    """
    raise NotImplementedError


def inverted(mapping: dict[K, V]) -> dict[V, list[K]]:
    """Value -> all keys that have it, both in order of first appearance."""
    raise NotImplementedError


def transposed(rows: list[list[T]]) -> list[list[T]]:
    """The columns of `rows`.

    Raises ValueError when the rows differ in length.
    """
    raise NotImplementedError


def words(text: str) -> list[str]:
    """The words of `text` in lower case; what counts as a word is in the task."""
    raise NotImplementedError
