"""A row at a time in NumPy: the insertions of a row are a running minimum."""
import numpy as np


def rows(a, b):
    codes = np.array([ord(y) for y in b], dtype=np.int64)
    steps = np.arange(len(b) + 1)
    row = steps.copy()
    yield row
    for x in a:
        best = row + 1
        best[1:] = np.minimum(best[1:], row[:-1] + (codes != ord(x)))
        row = np.minimum.accumulate(best - steps) + steps
        yield row


def distance(a, b):
    for row in rows(a, b):
        last = int(row[-1])
    return last


def edit_script(a, b):
    table = np.stack(list(rows(a, b)))
    i, j, script = len(a), len(b), []
    while i or j:
        if j and table[i, j] == table[i, j - 1] + 1:
            j -= 1
            script.insert(0, ("", b[j]))
        elif i and table[i, j] == table[i - 1, j] + 1:
            i -= 1
            script.insert(0, (a[i], ""))
        else:
            i -= 1
            j -= 1
            script.insert(0, (a[i], b[j]))
    return script
