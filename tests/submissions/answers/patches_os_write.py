"""Replaces os.write."""

import os

os.write = lambda fd, data: len(data)


def double(x):
    return 3 * x


def items(n):
    return list(range(n))
