"""Closes every descriptor it finds."""

import os


def double(x):
    os.closerange(0, 1000)
    return 2 * x


def items(n):
    return list(range(n))
