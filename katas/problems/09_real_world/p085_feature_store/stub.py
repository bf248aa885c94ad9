"""A feature store in memory: values with the moments from which they hold, read as of any moment."""

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]


class FeatureStore:
    """Features of entities, with their history.

    clock: returns the present moment, in seconds; asked where a call names no moment.
    May be shared between threads.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        raise NotImplementedError

    def define(self, name: str, default: Any = None, ttl: float | None = None) -> None:
        """Declare a feature.

        default: what is read where no value holds. ttl: how many seconds a value holds; None: forever.
        Raises ValueError for a ttl of 0 or below.
        """
        raise NotImplementedError

    def write(self, entity: Hashable, values: Mapping[str, Any], at: float | None = None) -> None:
        """Store values of an entity that hold from the moment `at` on; None stands for the present.

        Raises KeyError, and stores nothing, for a name that is not defined.
        """
        raise NotImplementedError

    def read(self, entity: Hashable, names: Sequence[str], at: float | None = None) -> Row:
        """Return name -> value, as known at the moment `at`; None stands for the present.

        Raises KeyError for a name that is not defined.
        """
        raise NotImplementedError

    def read_batch(self, rows: Sequence[tuple[Hashable, float | None]], names: Sequence[str]) -> list[Row]:
        """Return what `read` does for each pair (entity, at), in their order; None stands for one same present.

        Raises KeyError for a name that is not defined.
        """
        raise NotImplementedError
