"""The old mean weighs (n - 1) / n, the new value 1 / n."""
import csv
import math
import pathlib


def numbers(rows, i):
    for row in rows:
        try:
            x = float(row[i])
            if math.isfinite(x):
                yield x
        except (ValueError, IndexError):
            pass


def running_mean(path, column):
    with pathlib.Path(path).open(newline="", encoding="utf-8") as f:
        rows = csv.reader(f)
        for header in rows:
            break
        else:
            raise ValueError(f"{column}: the file is empty")
        try:
            i = header.index(column)
        except ValueError:
            raise ValueError(f"{column} is not in {header}") from None
        mean = 0.0
        for n, x in enumerate(numbers(rows, i), 1):
            mean = mean * ((n - 1) / n) + x / n
            yield mean
