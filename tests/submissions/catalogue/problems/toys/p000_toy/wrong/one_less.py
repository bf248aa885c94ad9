"""Counting starts at 0."""


def double(x: int) -> int:
    return 2 * x


def items(n: int) -> list[int]:
    return list(range(1, n))
