"""From the standard library: bisect, islice, Counter, groupby and one substitution before the words are found."""

import re
from bisect import bisect
from collections import Counter
from itertools import groupby, islice


def grade(score):
    if not (score >= 0 and score <= 100):
        raise ValueError(score)
    return "FDCBA"[bisect([60, 70, 80, 90], score)]


def chunks(items, size):
    if size < 1:
        raise ValueError(size)
    stream = iter(items)
    return list(iter(lambda: list(islice(stream, size)), []))


def tally(items):
    return dict(Counter(items))


def most_common(counts, n):
    if n < 0:
        raise ValueError(n)
    in_order = Counter({text: counts[text] for text in sorted(counts)})
    return in_order.most_common(n)


def inverted(mapping):
    values = list(dict.fromkeys(mapping.values()))
    places = {value: place for place, value in enumerate(values)}
    in_groups = sorted(mapping.items(), key=lambda entry: places[entry[1]])
    return {value: [key for key, _ in group] for value, group in groupby(in_groups, key=lambda entry: entry[1])}


def transposed(rows):
    return list(map(list, zip(*rows, strict=True)))


def words(text):
    with_blanks = re.sub(r"(?<![^\W_])['-]|['-](?![^\W_])", " ", text.replace("’", "'"))
    return [word.lower() for word in re.findall(r"(?:[^\W_]|['-])+", with_blanks)]
