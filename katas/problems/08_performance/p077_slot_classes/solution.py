"""Small objects in large numbers: attributes in slots, without a dictionary."""

import tracemalloc
from collections.abc import Callable


class Box:
    """A rectangle by its corners (x1, y1) and (x2, y2), which may be assigned later.

    Objects have no __dict__, take no other attributes, and can be pickled and weakly referenced.
    """

    # Each name is a place of 8 bytes at a fixed distance from the start of the object. With slots, weak references
    # need a place of their own.
    __slots__ = ("__weakref__", "x1", "x2", "y1", "y2")

    def __init__(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.x1, self.y1, self.x2, self.y2 = x1, y1, x2, y2

    @property
    def area(self) -> float:
        """(x2 - x1) * (y2 - y1) of the present corners."""
        # A property lives on the class and takes no room in the object.
        return (self.x2 - self.x1) * (self.y2 - self.y1)


class Detection(Box):
    """A Box with a label and a score; it keeps all that holds of a Box."""

    # Without this line a subclass has a __dict__ again. Repeating the names of Box would take their room twice.
    __slots__ = ("label", "score")

    # The default stands here: `score = 1.0` in the class would be a second attribute of the slot's name, an error.
    def __init__(self, x1: float, y1: float, x2: float, y2: float, label: str, score: float = 1.0) -> None:
        super().__init__(x1, y1, x2, y2)
        self.label, self.score = label, score


def bytes_each(make: Callable[[int], object], n: int) -> float:
    """Return the bytes that each of the objects make(0), ..., make(n - 1) takes, with all that it holds.

    They are counted by tracemalloc, which is stopped afterwards.
    """
    kept: list[object] = [None] * n  # made beforehand, so that the list itself is not counted
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(n):
        kept[i] = make(i)  # an object that is not kept would be gone before it is counted
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / n


# In real life: @dataclass(slots=True, weakref_slot=True) writes the slots, and an __eq__ and __repr__ besides. Where
# every object has the same numbers, a NumPy array with one row for each takes a fifth of the memory, values included.
