"""The running mean of a column of a CSV file of any length."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path


def running_mean(path: str | Path, column: str) -> Iterator[float]:
    """Yield the mean of all numbers so far, once for each row that has a number in `column`.

    path: a UTF-8 file with a header row; read lazily, in at most 0.5 MB of memory, and closed at the end.
    column: its name, exactly as in the header.
    Rows whose cell is blank, missing or no finite number are passed over.
    Raises ValueError when the header lacks the column or the file is empty.
    """
    # `with` also closes when the generator is closed early: close() raises GeneratorExit at the yield.
    # newline="" hands line breaks to the csv module as they are; inside quotes they belong to the cell.
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)  # reads a few KB at a time, and returns one row at a time
        header = next(rows, [])
        if column not in header:
            raise ValueError(f"no column {column!r} in {path}; its header is {header}")
        position = header.index(column)

        mean, count = 0.0, 0
        for row in rows:
            value = _number(row[position] if position < len(row) else "")
            if value is None:
                continue
            count += 1
            # Welford: the mean moves towards the value by 1/count of the distance. No sum, so nothing can
            # outgrow a float, and equal values leave the mean exactly where it is.
            mean += (value - mean) / count
            yield mean


def _number(cell: str) -> float | None:
    """The finite number in a cell, or None."""
    try:
        value = float(cell)
    except ValueError:
        return None
    # float reads "nan" and "inf" too, and a single one would spoil every later mean.
    return value if math.isfinite(value) else None


# In real life: pandas.read_csv(path, usecols=[column], chunksize=100_000) has the same laziness by the chunk and
# parses in C; polars.scan_csv and DuckDB read a CSV in several threads and push the mean itself into the scan.
