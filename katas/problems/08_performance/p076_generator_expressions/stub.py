"""A pipeline that holds one item at a time."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any


def read_losses(path: str | Path) -> Iterator[float]:
    """Yield the number of each line that is neither blank nor a comment (#), as it is asked for.

    path: a text file in UTF-8; closed after the last line, or when the generator is closed.
    Raises ValueError when a line is reached that is no number.
    """
    raise NotImplementedError


def transform(items: Iterable[Any], *steps: Callable[[Any], Any]) -> Iterator[Any]:
    """Return an iterator over the items, each passed through all steps in order, as it is asked for."""
    raise NotImplementedError


def first(items: Iterable[Any], test: Callable[[Any], object]) -> Any:
    """Return the first item that passes the test, or None; later items are not read."""
    raise NotImplementedError


def mean(items: Iterable[float]) -> float:
    """Return the mean of the items, which are read once and not kept.

    Raises ValueError when there are none.
    """
    raise NotImplementedError
