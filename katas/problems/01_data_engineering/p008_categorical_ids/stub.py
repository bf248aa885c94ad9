"""Strings into the row numbers of an embedding table, and back."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class CategoryIds:
    """Each frequent string has an id of its own; id 0 stands for all others.

    min_count: how often fit must see a string for it to get an id.
    """

    def __init__(self, min_count: int = 1) -> None:
        raise NotImplementedError

    def fit(self, values: Iterable[str]) -> Self:
        """Count the strings and number the frequent ones from 1: the most frequent first, ties by first appearance.

        values: read once; what an earlier fit learned is forgotten.
        Returns the object itself.
        Raises TypeError when one is no str, or values is a bare string.
        """
        raise NotImplementedError

    def transform(self, values: Iterable[str]) -> NDArray[np.int64]:
        """Return the id of each string, 0 for those without one: (n,) int64; n may be 0.

        Raises TypeError as fit does.
        """
        raise NotImplementedError

    def inverse_transform(self, ids: NDArray[Any] | Sequence[int]) -> list[str | None]:
        """Return the string of each id, None for id 0.

        ids: (n,) integers from 0 to len - 1.
        Raises ValueError or IndexError when one is outside.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """Return the number of ids, the 0 among them."""
        raise NotImplementedError

    def save(self, path: str | Path) -> None:
        """Write what load needs to a file, which is replaced if it exists."""
        raise NotImplementedError

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return an object that answers like the one that wrote the file, min_count included."""
        raise NotImplementedError
