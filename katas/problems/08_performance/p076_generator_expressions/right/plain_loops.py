"""Loops with yield in place of expressions."""

from statistics import fmean


def read_losses(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            yield float(text)


def transform(items, *steps):
    for item in items:
        for step in steps:
            item = step(item)
        yield item


def first(items, test):
    for item in items:
        if test(item):
            return item
    return None


def mean(items):
    return fmean(items)
