"""Small objects in large numbers: attributes in slots, without a dictionary."""

import tracemalloc
from collections.abc import Callable


class Box:
    """A rectangle by its corners (x1, y1) and (x2, y2), which may be assigned later.

    Objects have no __dict__, take no other attributes, and can be pickled and weakly referenced.
    """

    def __init__(self, x1: float, y1: float, x2: float, y2: float) -> None:
        raise NotImplementedError

    @property
    def area(self) -> float:
        """(x2 - x1) * (y2 - y1) of the present corners."""
        raise NotImplementedError


class Detection(Box):
    """A Box with a label and a score; it keeps all that holds of a Box."""

    def __init__(self, x1: float, y1: float, x2: float, y2: float, label: str, score: float = 1.0) -> None:
        raise NotImplementedError


def bytes_each(make: Callable[[int], object], n: int) -> float:
    """Return the bytes that each of the objects make(0), ..., make(n - 1) takes, with all that it holds.

    They are counted by tracemalloc, which is stopped afterwards.
    """
    raise NotImplementedError
