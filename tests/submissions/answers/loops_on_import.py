"""Never comes back from its import."""

while True:
    pass


def items(n):
    return list(range(n))
