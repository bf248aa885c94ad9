"""Byte-pair encoding: the tokens of language models."""

import re
from collections import Counter, defaultdict
from itertools import pairwise


def split(text: str) -> list[str]:
    """Chunks of a text, which they are again when joined; given, nothing to do here."""
    return re.findall(r" ?\w+| ?[^\w\s]+|\s+", text)


def train(text: str, vocab_size: int) -> list[tuple[int, int]]:
    """Return the merges learned from a text, at most vocab_size - 256 pairs of ids, in the order learned.

    Each is the pair of neighbours within chunks that is then the most frequent, on a tie the smallest.
    Ids below 256 are bytes of UTF-8; the i-th merge makes id 256 + i. Ends early where no pair is left.
    Raises ValueError for vocab_size below 256.
    """
    if vocab_size < 256:
        raise ValueError(f"vocab_size must be at least 256, as each byte is a token; got {vocab_size}")
    # A text of a million characters has few different chunks: each is worked on once, and counts for all its copies.
    chunks = Counter(split(text))
    copies = list(chunks.values())
    words = [list(chunk.encode()) for chunk in chunks]

    counts: Counter[tuple[int, int]] = Counter()
    holders: defaultdict[tuple[int, int], set[int]] = defaultdict(set)  # pair -> the words that hold it
    for i, ids in enumerate(words):
        for pair in pairwise(ids):
            counts[pair] += copies[i]
            holders[pair].add(i)

    merges: list[tuple[int, int]] = []
    while counts and len(merges) < vocab_size - 256:
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        # Only words that hold the pair change. Each is counted out, merged, and counted in again: right also where
        # pairs overlap. A word may have lost a pair since it was noted as holder; then it is merged into itself.
        for i in holders.pop(best):
            for pair in pairwise(words[i]):
                counts[pair] -= copies[i]
                if counts[pair] == 0:
                    del counts[pair]
            words[i] = _merged(words[i], best, 256 + len(merges))
            for pair in pairwise(words[i]):
                counts[pair] += copies[i]
                holders[pair].add(i)
        merges.append(best)
    return merges


def encode(text: str, merges: list[tuple[int, int]]) -> list[int]:
    """Return the ids of a text: in each chunk, the earliest merge whose pair is there goes first, from the left."""
    rank_of = {pair: rank for rank, pair in enumerate(merges)}
    ids: list[int] = []
    for chunk in split(text):
        word = list(chunk.encode())
        # A merge may make a pair that a later merge joins, never an earlier one: its id was not known then.
        while ranks := [rank_of[pair] for pair in pairwise(word) if pair in rank_of]:
            rank = min(ranks)
            word = _merged(word, merges[rank], 256 + rank)
        ids += word
    return ids


def decode(ids: list[int], merges: list[tuple[int, int]]) -> str:
    """Return the text of ids; U+FFFD stands for bytes that are no UTF-8.

    Raises ValueError for an id that is not in the vocabulary.
    """
    token_of = [bytes([i]) for i in range(256)]
    for first, second in merges:
        token_of.append(token_of[first] + token_of[second])
    for i in ids:
        if not 0 <= i < len(token_of):  # a list would take -1 for its last entry
            raise ValueError(f"id {i} is not in the vocabulary of {len(token_of)} tokens")
    # Joined first: a token may end in the middle of a character, whose other bytes the next token brings.
    return b"".join(token_of[i] for i in ids).decode(errors="replace")


def _merged(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """The ids with each occurrence of the pair, from left to right, replaced by the new id."""
    merged: list[int] = []
    for i in ids:
        if merged and (merged[-1], i) == pair:
            merged[-1] = new  # part of no further match: the pair holds older ids only
        else:
            merged.append(i)
    return merged


# tiktoken and Hugging Face's tokenizers are this, in Rust. Their trainers keep the pairs in a heap instead of looking
# at all counts for the largest, and change only the counts of the neighbours of a merged pair; both keep the ids of
# chunks that they have met. What they add are special tokens, such as the end of a text, which no merge may touch.
