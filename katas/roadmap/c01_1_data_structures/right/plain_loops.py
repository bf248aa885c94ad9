"""Plain loops, character by character, without a regular expression; Counter and defaultdict as the dicts."""

from collections import Counter, defaultdict


def grade(score):
    if score != score or score < 0 or score > 100:
        raise ValueError("bad score")
    return "FFFFFFDCBAA"[int(score // 10)]


def chunks(items, size):
    if size <= 0:
        raise ValueError("too small")
    found = []
    for i, item in enumerate(items):
        if i % size == 0:
            found.append([])
        found[-1].append(item)
    return found


def tally(items):
    return Counter(items)


def most_common(counts, n):
    if n < 0:
        raise ValueError("negative")
    return sorted(sorted(counts.items()), key=lambda e: e[1], reverse=True)[:n]


def inverted(mapping):
    found = defaultdict(list)
    for key in mapping:
        found[mapping[key]].append(key)
    return found


def transposed(rows):
    if not rows:
        return []
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("ragged")
    return [[row[j] for row in rows] for j in range(len(rows[0]))]


def words(text):
    found, word = [], ""
    for i, c in enumerate(text):
        joins = c in "'’-" and word and i + 1 < len(text) and text[i + 1].isalnum() and text[i - 1].isalnum()
        if c.isalnum() or joins:
            word += c
        elif word:
            found.append(word)
            word = ""
    return [w.lower().replace("’", "'") for w in found + [word] * bool(word)]
