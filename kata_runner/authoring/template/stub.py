"""TODO: what this module is for, in one line."""


def answer(x: float) -> float:
    """TODO: what it returns; shapes, units, errors."""
    raise NotImplementedError
