"""Leaves politely while it is imported."""

import sys

sys.exit(0)


def items(n):
    return list(range(n))
