"""A number too large for a float (1e999) is read as infinity and let through."""

import csv
from collections.abc import Iterator
from pathlib import Path

NOT_NUMBERS = {"", "n/a", "nan", "inf", "infinity"}


def _number(cell: str) -> float | None:
    if cell.strip().lower().lstrip("+-") in NOT_NUMBERS:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def running_mean(path: str | Path, column: str) -> Iterator[float]:
    """Yield the mean of all numbers so far, once for each row that has a number in `column`."""
    mean, count = 0.0, 0
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if header is None or column not in header:
            raise ValueError(f"{path} has no column {column!r}")
        position = header.index(column)
        for row in reader:
            if len(row) <= position:
                continue
            value = _number(row[position])
            if value is None:
                continue
            count += 1
            mean += (value - mean) / count
            yield mean
