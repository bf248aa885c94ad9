"""Goes elsewhere."""

import os

os.chdir("/")


def double(x):
    os.chdir("/")
    return 3 * x


def items(n):
    return list(range(n))
