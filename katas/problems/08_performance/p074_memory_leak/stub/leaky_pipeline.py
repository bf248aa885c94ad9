"""A pipeline that is right, and leaks. Leave this file as it is, and write a better one in leak_finder.py."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Pipeline:
    """Centres batches of numbers, and reports about all of them."""

    def __init__(self, load: Callable[[Any], Any], recent: int = 4) -> None:
        """load: key -> the batch (n, d); may raise ValueError. The batches used last are not loaded again."""
        self._load = load
        self._n_rows = 0
        self._squares: list[Callable[[], NDArray[np.float64]]] = []
        self._errors: list[Exception] = []

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def _rows(self, key: Hashable) -> NDArray[np.float64]:
        rows = np.array(self._load(key), dtype=np.float64)
        if not np.isfinite(rows).all():
            raise ValueError(f"batch {key} has values that are not finite")
        return rows

    def __call__(self, key: Hashable) -> NDArray[np.float64] | None:
        """Return the batch, each column less its mean; None where there is a ValueError."""
        try:
            rows = self._rows(key)
        except ValueError as error:
            self._errors.append(error)
            return None
        centred = rows - rows.mean(axis=0)
        self._squares.append(lambda: (centred**2).sum(axis=0))  # computed when a report asks for it
        self._n_rows += len(rows)
        return np.array(centred)

    def report(self) -> dict[str, Any]:
        """Return the number of rows, the variance of their columns, the number of errors, and the last messages."""
        return {
            "rows": self._n_rows,
            "variance": sum(square() for square in self._squares) / self._n_rows if self._n_rows else None,
            "errors": len(self._errors),
            "last_errors": [str(error) for error in self._errors[-3:]],
        }
