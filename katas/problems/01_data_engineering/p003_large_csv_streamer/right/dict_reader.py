"""Over csv.DictReader, with the mean as a pair of weights."""
import csv
from math import isfinite


def running_mean(path, column):
    with open(path, encoding="utf-8", newline="") as f:
        reader = csv.DictReader(f)
        if reader.fieldnames is None or column not in reader.fieldnames:
            raise ValueError(f"column {column} not found")
        mean, n = 0.0, 0
        for record in reader:
            try:
                x = float(record[column])
            except (TypeError, ValueError):
                continue
            if not isfinite(x):
                continue
            n += 1
            mean = mean + (x - mean) / n
            yield mean
