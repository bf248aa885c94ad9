"""One list of tokens; each word of the lexicon looks back at what stands before it."""

import re

NEGATORS = frozenset(("not", "no", "never", "without", "cannot", "hardly"))
INTENSIFIERS = {"very": 1.5, "really": 1.5, "so": 1.5, "extremely": 2.0, "slightly": 0.5, "somewhat": 0.5}
TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[.,;:!?]")


def stops(word):
    return word == "but" or word in ".,;:!?"


def score(text, lexicon):
    """See the task."""
    tokens = TOKEN.findall(text.replace("\u2019", "'"))
    low = [t.lower() for t in tokens]
    calm = any(t[0].isalpha() and not t.isupper() for t in tokens)
    total, first = 0.0, 0
    while first < len(low):
        last = first
        while last < len(low) and low[last] not in ".!?":
            last += 1
        after = last
        while after < len(low) and low[after] in ".!?":
            after += 1
        part = 0.0
        for i in range(first, last):
            if low[i] not in lexicon:
                continue
            value = lexicon[low[i]]
            j = i - 1
            while j >= first and low[j] in INTENSIFIERS:
                value *= INTENSIFIERS[low[j]]
                j -= 1
            for j in range(i - 1, max(first, i - 3) - 1, -1):
                if stops(low[j]):
                    break
                if low[j] in NEGATORS or low[j][-3:] == "n't":
                    value /= -2
            if "but" in low[first:last]:
                value *= 1.5 if "but" not in low[i:last] else 0.5
            if calm and tokens[i].isupper():
                value *= 1.5
            part += value
        total += part * (1, 1.1, 1.2, 1.3)[min(3, low[last:after].count("!"))]
        first = after
    return float(total / (abs(total) + 2))


def label(text, lexicon):
    """See the task."""
    value = score(text, lexicon)
    if abs(value) < 0.2:
        return "neutral"
    return "positive" if value > 0 else "negative"
