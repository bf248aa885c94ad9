"""Lines are split at every comma, also at those inside quotes; and a quoted line break ends the row."""

import math


def number(row, i):
    try:
        value = float(row[i])
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) else None


def running_mean(path, column):
    with open(path, encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split(",")
        if column not in header:
            raise ValueError(f"no column {column!r}")
        i, mean, n = header.index(column), 0.0, 0
        for line in file:
            value = number(line.rstrip("\n").split(","), i)
            if value is not None:
                n += 1
                mean += (value - mean) / n
                yield mean
