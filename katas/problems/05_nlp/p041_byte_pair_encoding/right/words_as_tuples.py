"""Words are tuples in a dict, as in many courses: a changed word is taken out and put in again."""
import re
from collections import defaultdict


def split(text):
    return re.findall(r" ?\w+| ?[^\w\s]+|\s+", text)


def pairs(word):
    return [(word[i], word[i + 1]) for i in range(len(word) - 1)]


def apply(word, pair, new):
    out = list(word)
    i = 0
    while i < len(out) - 1:
        if (out[i], out[i + 1]) == pair:
            out[i : i + 2] = [new]
        i += 1
    return tuple(out)


def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(f"vocab_size {vocab_size} is below 256")
    words = defaultdict(int)
    for chunk in split(text):
        words[tuple(chunk.encode())] += 1
    counts, index = defaultdict(int), defaultdict(set)
    for word, n in words.items():
        for pair in pairs(word):
            counts[pair] += n
            index[pair].add(word)
    merges = []
    for new in range(256, vocab_size):
        top = max(counts.values(), default=0)
        if top == 0:
            break
        best = min(pair for pair, n in counts.items() if n == top)
        merges.append(best)
        for word in list(index[best]):
            n = words.pop(word)
            for pair in pairs(word):
                counts[pair] -= n
                index[pair].discard(word)
            word = apply(word, best, new)
            words[word] += n
            for pair in pairs(word):
                counts[pair] += n
                index[pair].add(word)
        del counts[best]
    return merges


def encode(text, merges):
    ranks = {pair: i for i, pair in enumerate(merges)}
    out = []
    for chunk in split(text):
        word = tuple(chunk.encode())
        while len(word) > 1:
            best = min(pairs(word), key=lambda pair: ranks.get(pair, len(ranks)))
            if best not in ranks:
                break
            word = apply(word, best, 256 + ranks[best])
        out.extend(word)
    return out


def decode(ids, merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for i, (a, b) in enumerate(merges):
        vocab[256 + i] = vocab[a] + vocab[b]
    text = bytearray()
    for i in ids:
        text += vocab[i]
    return str(text, "utf-8", errors="replace")
