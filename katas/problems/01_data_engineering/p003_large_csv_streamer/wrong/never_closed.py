"""The file is opened without with, and nobody closes it."""

import csv
import math


def number(row, i):
    try:
        value = float(row[i])
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) else None


def running_mean(path, column):
    rows = csv.reader(open(path, newline="", encoding="utf-8"))
    header = next(rows, [])
    if column not in header:
        raise ValueError(f"no column {column!r}")
    i, mean, n = header.index(column), 0.0, 0
    for row in rows:
        value = number(row, i)
        if value is not None:
            n += 1
            mean += (value - mean) / n
            yield mean
