"""The first cell that is no number ends the stream with an error."""

import csv


def running_mean(path, column):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if column not in header:
            raise ValueError(f"no column {column!r}")
        i = header.index(column)
        mean, n = 0.0, 0
        for row in rows:
            if len(row) <= i or not row[i].strip():
                continue
            value = float(row[i])
            n += 1
            mean += (value - mean) / n
            yield mean
