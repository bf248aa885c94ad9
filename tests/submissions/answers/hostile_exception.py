"""Raises an exception whose text raises."""


class Trap(Exception):
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


def double(x):
    if x == 3:
        raise Trap
    return 2 * x


def items(n):
    return list(range(n))
