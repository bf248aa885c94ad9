"""Forgets to return."""


def double(x):
    2 * x


def items(n):
    return list(range(n))
