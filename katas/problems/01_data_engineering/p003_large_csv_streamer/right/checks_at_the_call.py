"""Looks at the header at the call and streams afterwards; keeps an exact sum in two parts."""
import csv
import math


def running_mean(path, column):
    with open(path, encoding="utf-8", newline="") as f:
        header = next(csv.reader(f), None)
    if not header or column not in header:
        raise ValueError(f"{path} lacks the column {column!r}")
    return _stream(path, header.index(column))


def _stream(path, index):
    file = open(path, encoding="utf-8", newline="")
    try:
        mean, lost, n = 0.0, 0.0, 0
        reader = csv.reader(file)
        next(reader)
        for row in reader:
            if len(row) <= index:
                continue
            try:
                x = float(row[index])
            except ValueError:
                continue
            if math.isnan(x) or math.isinf(x):
                continue
            n += 1
            step = (x - mean) / n + lost
            moved = mean + step
            lost = step - (moved - mean)
            mean = moved
            yield mean
    finally:
        file.close()
