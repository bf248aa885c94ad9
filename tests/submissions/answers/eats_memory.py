"""Takes all the memory there is."""


def double(x):
    kept = []
    while x == 3:
        kept.append(bytearray(10_000_000))
    return 2 * x


def items(n):
    return list(range(n))
