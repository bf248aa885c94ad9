"""Waits for somebody to type."""


def double(x):
    return int(input("x? ")) if x == 3 else 2 * x


def items(n):
    return list(range(n))
