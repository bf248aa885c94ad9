"""Ten small functions on lists, dicts, sets and strings."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

# [^\W_] is "a letter or digit": \w without the underscore. One mark may join two such runs, never two marks.
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def grade(score: float) -> str:
    """The letter for a score from 0 to 100: A from 90, B from 80, C from 70, D from 60, else F.

    Raises ValueError, naming score, for anything outside 0 to 100, NaN included.
    """
    # Asked this way round, NaN is refused too: every comparison with it is False.
    if not 0 <= score <= 100:
        raise ValueError(f"score must be from 0 to 100, got {score}")
    for limit, letter in ((90, "A"), (80, "B"), (70, "C"), (60, "D")):
        if score >= limit:
            return letter
    return "F"


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    """`items` cut into lists of `size`; the last one may be shorter.

    Raises ValueError, naming size, when it is below 1.
    """
    if size < 1:
        raise ValueError(f"size must be 1 or more, got {size}")
    # A slice that reaches beyond the end stops there, so that the short last chunk needs no special case.
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def unique(items: Iterable[K]) -> list[K]:
    """Each item once, in the order of first sight."""
    # A dict keeps the order in which its keys came, which a set does not.
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
        raise ValueError(f"n must not be negative, got {n}")
    # Tuples are compared item by item: the negative count puts the highest first, the text breaks ties.
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:n]


def inverted(mapping: Mapping[K, V]) -> dict[V, list[K]]:
    """Value -> all keys that have it, in the order of `mapping`."""
    keys_by_value: dict[V, list[K]] = {}
    for key, value in mapping.items():
        keys_by_value.setdefault(value, []).append(key)
    return keys_by_value


def transposed(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """Columns of `rows` as lists; no rows give [].

    Raises ValueError, naming rows, when they differ in length.
    """
    if len({len(row) for row in rows}) > 1:
        # Without this check zip would stop at the shortest row and lose data in silence.
        raise ValueError(f"rows must be of one length, got lengths {[len(row) for row in rows]}")
    return [list(column) for column in zip(*rows, strict=True)]


def words(text: str) -> list[str]:
    """The words of `text` in lower case; what counts as a word is in the task."""
    # Lower case comes last: a few letters, such as İ, become two characters by it, of which one is no letter.
    return [word.lower().replace("’", "'") for word in WORD.findall(text)]


def is_palindrome(text: str) -> bool:
    """Whether the letters and digits of `text`, case aside, read the same backwards."""
    kept = [character for character in text.lower() if character.isalnum()]
    return kept == kept[::-1]


def jaccard(first: Iterable[K], second: Iterable[K]) -> float:
    """Distinct items in both, divided by distinct items in either; 1.0 when both are empty."""
    one, other = set(first), set(second)
    either = one | other
    return len(one & other) / len(either) if either else 1.0


# At work, collections.Counter is `tally` and more (its most_common leaves ties in the order of first sight),
# itertools.batched (3.12) is `chunks` for any stream, and collections.defaultdict(list) shortens `inverted`.
