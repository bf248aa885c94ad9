"""Data classes, and the memory by two snapshots of it."""

import gc
import tracemalloc
from dataclasses import dataclass


@dataclass(slots=True, weakref_slot=True)
class Box:
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def area(self):
        return (self.x2 - self.x1) * (self.y2 - self.y1)


@dataclass(slots=True)
class Detection(Box):
    label: str
    score: float = 1.0


def bytes_each(make, n):
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        objects = [make(i) for i in range(n)]
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    return (after - before) / len(objects)
