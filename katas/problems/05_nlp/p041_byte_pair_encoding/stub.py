"""Byte-pair encoding: the tokens of language models."""

import re


def split(text: str) -> list[str]:
    """Chunks of a text, which they are again when joined; given, nothing to do here."""
    return re.findall(r" ?\w+| ?[^\w\s]+|\s+", text)


def train(text: str, vocab_size: int) -> list[tuple[int, int]]:
    """Return the merges learned from a text, at most vocab_size - 256 pairs of ids, in the order learned.

    Each is the pair of neighbours within chunks that is then the most frequent, on a tie the smallest.
    Ids below 256 are bytes of UTF-8; the i-th merge makes id 256 + i. Ends early where no pair is left.
    Raises ValueError for vocab_size below 256.
    """
    raise NotImplementedError


def encode(text: str, merges: list[tuple[int, int]]) -> list[int]:
    """Return the ids of a text: in each chunk, the earliest merge whose pair is there goes first, from the left."""
    raise NotImplementedError


def decode(ids: list[int], merges: list[tuple[int, int]]) -> str:
    """Return the text of ids; U+FFFD stands for bytes that are no UTF-8.

    Raises ValueError for an id that is not in the vocabulary.
    """
    raise NotImplementedError
