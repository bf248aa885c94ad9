"""Calls itself for ever."""


def double(x):
    return double(x) if x == 3 else 2 * x


def items(n):
    return list(range(n))
