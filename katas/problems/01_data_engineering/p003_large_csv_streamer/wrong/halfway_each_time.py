"""The old mean and the new value are averaged half and half, so the last rows weigh most."""

import csv
import math


def number(row, i):
    try:
        value = float(row[i])
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) else None


def running_mean(path, column):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if column not in header:
            raise ValueError(f"no column {column!r}")
        i = header.index(column)
        mean = None
        for row in rows:
            value = number(row, i)
            if value is not None:
                mean = value if mean is None else mean / 2 + value / 2
                yield mean
