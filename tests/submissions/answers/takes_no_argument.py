"""Takes no argument."""


def double():
    return 4


def items(n):
    return list(range(n))
