"""Two is treated apart."""


def double(x: int) -> int:
    return 2 * x + (x == 2)


def items(n: int) -> list[int]:
    return list(range(n))
