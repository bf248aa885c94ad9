"""Raises while it is imported."""

1 / 0


def double(x):
    return 2 * x


def items(n):
    return list(range(n))
