"""TODO: what this module is for, in one line."""


def answer(x: float) -> float:
    """TODO: what it returns; shapes, units, errors."""
    # TODO: the reference, explained step by step for a learner.
    raise NotImplementedError
