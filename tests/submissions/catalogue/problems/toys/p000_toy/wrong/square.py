"""The number is squared, not doubled."""


def double(x: int) -> int:
    return x * x


def items(n: int) -> list[int]:
    return list(range(n))
