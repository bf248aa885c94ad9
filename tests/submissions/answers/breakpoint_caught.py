"""Stops in a debugger, and catches all that it can."""


def double(x):
    try:
        breakpoint()
    except Exception:
        pass
    return 2 * x


def items(n):
    return list(range(n))
