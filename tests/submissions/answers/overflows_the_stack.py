"""Calls itself for ever with the limit lifted."""

import sys
import threading

sys.setrecursionlimit(10**9)


def double(x):
    def again(f):
        return sorted([1, 2], key=lambda _: again(f))

    return again(x) if x == 3 else 2 * x


def items(n):
    return list(range(n))
