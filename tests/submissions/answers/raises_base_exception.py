"""Raises what only `except BaseException` catches."""


def double(x):
    if x == 3:
        raise BaseException("boo")
    return 2 * x


def items(n):
    return list(range(n))
