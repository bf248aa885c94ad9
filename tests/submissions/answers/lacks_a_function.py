"""Does not define items."""


def double(x):
    return 2 * x
