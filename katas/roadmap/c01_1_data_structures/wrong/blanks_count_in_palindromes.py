"""Blanks and commas are compared too; only letters and digits count."""


import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def grade(score: float) -> str:
    if not 0 <= score <= 100:
        raise ValueError(f"score must be from 0 to 100, got {score}")
    for limit, letter in ((90, "A"), (80, "B"), (70, "C"), (60, "D")):
        if score >= limit:
            return letter
    return "F"


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    if size < 1:
        raise ValueError(f"size must be 1 or more, got {size}")
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def unique(items: Iterable[K]) -> list[K]:
    return list(dict.fromkeys(items))


def tally(items: Iterable[K]) -> dict[K, int]:
    counts: dict[K, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


def most_common(counts: Mapping[str, int], n: int) -> list[tuple[str, int]]:
    if n < 0:
        raise ValueError(f"n must not be negative, got {n}")
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:n]


def inverted(mapping: Mapping[K, V]) -> dict[V, list[K]]:
    keys_by_value: dict[V, list[K]] = {}
    for key, value in mapping.items():
        keys_by_value.setdefault(value, []).append(key)
    return keys_by_value


def transposed(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"rows must be of one length, got lengths {[len(row) for row in rows]}")
    return [list(column) for column in zip(*rows, strict=True)]


def words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in WORD.findall(text.lower())]


def is_palindrome(text: str) -> bool:
    kept = [character for character in text.lower()]
    return kept == kept[::-1]


def jaccard(first: Iterable[K], second: Iterable[K]) -> float:
    one, other = set(first), set(second)
    either = one | other
    return len(one & other) / len(either) if either else 1.0
