"""Stops in a debugger as the last thing that it does."""


def double(x):
    if x == 3:
        breakpoint()
    else:
        return 2 * x


def items(n):
    return list(range(n))
