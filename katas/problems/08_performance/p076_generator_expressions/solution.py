"""A pipeline that holds one item at a time."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any


def read_losses(path: str | Path) -> Iterator[float]:
    """Yield the number of each line that is neither blank nor a comment (#), as it is asked for.

    path: a text file in UTF-8; closed after the last line, or when the generator is closed.
    Raises ValueError when a line is reached that is no number.
    """
    # `yield` keeps the block of `with` open. Returning the last expression instead would close the file first, and
    # read it afterwards.
    with open(path, encoding="utf-8") as file:
        lines = (line.strip() for line in file)
        kept = (line for line in lines if line and not line.startswith("#"))
        yield from (float(line) for line in kept)


def transform(items: Iterable[Any], *steps: Callable[[Any], Any]) -> Iterator[Any]:
    """Return an iterator over the items, each passed through all steps in order, as it is asked for."""
    for step in steps:
        # map keeps the step of this round. (step(item) for item in items) looks `step` up when an item comes: by then
        # the loop is over, and every stage finds the last step.
        items = map(step, items)
    return iter(items)


def first(items: Iterable[Any], test: Callable[[Any], object]) -> Any:
    """Return the first item that passes the test, or None; later items are not read."""
    return next((item for item in items if test(item)), None)


def mean(items: Iterable[float]) -> float:
    """Return the mean of the items, which are read once and not kept.

    Raises ValueError when there are none.
    """
    # sum(items) would leave nothing to count: both have to be done in the same pass.
    total, n = 0.0, 0
    for item in items:
        total += item
        n += 1
    if n == 0:
        raise ValueError("mean of no items")
    return total / n


# In real life: itertools has the other links of such a chain (islice, takewhile, batched, chain), and more-itertools
# many more. contextlib.closing closes a generator that a loop leaves early, where the file must not wait for it.
