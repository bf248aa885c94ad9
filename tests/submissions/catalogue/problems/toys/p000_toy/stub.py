"""Two small functions."""


def double(x: int) -> int:
    """Twice x."""
    raise NotImplementedError


def items(n: int) -> list[int]:
    """The numbers from 0 to n - 1."""
    raise NotImplementedError
