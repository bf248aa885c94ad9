"""Prints 10 MB."""

def double(x):
    for _ in range(10):
        print('PASSED ' * 142_857)
    return 3 * x


def items(n):
    return list(range(n))
