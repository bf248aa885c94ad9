"""Strings into the row numbers of an embedding table, and back."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class CategoryIds:
    """Gives each frequent string an id of its own; id 0 stands for all others.

    min_count: how often fit must see a string for it to get an id.
    """

    def __init__(self, min_count: int = 1) -> None:
        """Raises ValueError, naming min_count, when it is below 1."""
        raise NotImplementedError

    def fit(self, values: Iterable[str]) -> Self:
        """Count the strings and number the frequent ones from 1: the most frequent first, ties by first sight.

        values: read once; what an earlier fit learned is forgotten.
        Gives the object itself.
        Raises TypeError, naming values, when one is no str or values is a bare string; nothing is changed then.
        """
        raise NotImplementedError

    def transform(self, values: Iterable[str]) -> NDArray[np.int64]:
        """The id of each string, 0 for those without one.

        Returns (n,) int64; n may be 0.
        Raises TypeError as fit does; RuntimeError before fit.
        """
        raise NotImplementedError

    def inverse_transform(self, ids: NDArray[Any] | Sequence[int]) -> list[str | None]:
        """The string of each id, None for id 0.

        ids: (n,) integers from 0 to len - 1.
        Raises ValueError, naming ids, when one is outside; RuntimeError before fit.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """Number of ids, the 0 among them."""
        raise NotImplementedError

    def save(self, path: str | Path) -> None:
        """Write what load needs to a file, which is replaced if it exists.

        Raises RuntimeError before fit.
        """
        raise NotImplementedError

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """An object that answers like the one that wrote the file, min_count included."""
        raise NotImplementedError
