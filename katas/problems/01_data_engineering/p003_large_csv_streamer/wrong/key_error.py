"""An unknown column ends in an error that says nothing about the header; ValueError with the name is asked for."""

import csv
import math


def running_mean(path, column):
    with open(path, newline="", encoding="utf-8") as file:
        mean, n = 0.0, 0
        for row in csv.DictReader(file):
            try:
                value = float(row[column])
            except (ValueError, TypeError):
                continue
            if math.isfinite(value):
                n += 1
                mean += (value - mean) / n
                yield mean
