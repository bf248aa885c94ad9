"""Reads memory that is not its own."""

import ctypes


def double(x):
    if x == 3:
        ctypes.string_at(0)
    return 2 * x


def items(n):
    return list(range(n))
