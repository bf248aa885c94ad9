"""Every value is kept in a list, so memory grows with the number of rows."""

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
        values, mean = [], 0.0
        for row in rows:
            value = number(row, i)
            if value is not None:
                values.append(value)
                mean += (value - mean) / len(values)
                yield mean
