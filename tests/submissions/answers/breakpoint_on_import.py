"""Stops in a debugger while it is imported."""

breakpoint()


def double(x):
    return 2 * x


def items(n):
    return list(range(n))
