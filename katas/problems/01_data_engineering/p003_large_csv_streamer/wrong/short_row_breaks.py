"""A row with too few cells, or an empty line, raises IndexError."""

import csv
import math


def running_mean(path, column):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if column not in header:
            raise ValueError(f"no column {column!r}")
        i = header.index(column)
        mean, n = 0.0, 0
        for row in rows:
            try:
                value = float(row[i])
            except ValueError:
                continue
            if math.isfinite(value):
                n += 1
                mean += (value - mean) / n
                yield mean
