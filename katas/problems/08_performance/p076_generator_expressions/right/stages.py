"""One generator function for each stage, an explicit close, and the mean by its steps."""

import pathlib


def read_losses(path):
    file = pathlib.Path(path).open("r", encoding="utf8")
    try:
        stripped = map(str.strip, file)
        for line in filter(None, stripped):
            if line[0] != "#":
                yield float(line)
    finally:
        file.close()


def _stage(step, items):
    return (step(item) for item in items)


def transform(items, *steps):
    values = iter(items)
    for step in steps:
        values = _stage(step, values)
    return values


def first(items, test):
    return next(filter(test, items), None)


def mean(items):
    result, n = 0.0, 0
    for n, item in enumerate(items, start=1):
        result += (item - result) / n
    if not n:
        raise ValueError("no items")
    return result
