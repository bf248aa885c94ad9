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
    raise NotImplementedError
