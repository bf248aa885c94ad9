"""Never comes back."""


def double(x):
    while x == 3:
        pass
    return 2 * x


def items(n):
    return list(range(n))
