"""Two small functions."""


def double(x: int) -> int:
    """Twice x."""
    return 2 * x


def items(n: int) -> list[int]:
    """The numbers from 0 to n - 1."""
    return list(range(n))
