"""Character by character, item by item; no regular expression."""

from collections import Counter, defaultdict


def grade(score):
    if score != score or score < 0 or score > 100:
        raise ValueError("bad score")
    return "FFFFFFDCBAA"[int(score // 10)]


def chunks(items, size):
    if size <= 0:
        raise ValueError("size is too small")
    found = []
    for i, item in enumerate(items):
        if i % size == 0:
            found.append([])
        found[-1].append(item)
    return found


def unique(items):
    seen, kept = set(), []
    for item in items:
        if item not in seen:
            seen.add(item)
            kept.append(item)
    return kept


def tally(items):
    return Counter(items)


def most_common(counts, n):
    if n < 0:
        raise ValueError("n < 0")
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
        raise ValueError("rows are ragged")
    return [[row[j] for row in rows] for j in range(len(rows[0]))]


def words(text):
    found, word = [], ""
    for i, c in enumerate(text):
        joins = c in "'’-" and word and i + 1 < len(text) and text[i + 1].isalnum() and text[i - 1].isalnum()
        if c.isalnum() or joins:
            word += c.lower().replace("’", "'")
        elif word:
            found.append(word)
            word = ""
    return found + [word] * bool(word)


def is_palindrome(text):
    kept = "".join(filter(str.isalnum, text)).lower()
    return all(kept[i] == kept[-1 - i] for i in range(len(kept) // 2))


def jaccard(first, second):
    if not first and not second:
        return 1.0
    both = {x for x in first if x in set(second)}
    return len(both) / (len(set(first)) + len(set(second)) - len(both))
