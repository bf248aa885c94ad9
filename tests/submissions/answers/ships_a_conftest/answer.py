"""Ships files that would change pytest and Python, if they were read."""


def double(x):
    return 3 * x


def items(n):
    return list(range(n))
