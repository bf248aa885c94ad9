"""A feature store in memory: values with the moments from which they hold, read as of any moment."""

import bisect
import copy
import threading
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
        self._clock = clock
        self._features: dict[str, tuple[Any, float | None]] = {}  # name -> (default, ttl)
        # (entity, name) -> [(moment, value), ...] by moment. A value in here is never changed, only copied.
        self._histories: dict[tuple[Hashable, str], list[tuple[float, Any]]] = {}
        self._lock = threading.Lock()

    def define(self, name: str, default: Any = None, ttl: float | None = None) -> None:
        """Declare a feature.

        default: what is read where no value holds. ttl: how many seconds a value holds; None: forever.
        Raises ValueError for a ttl of 0 or below.
        """
        if ttl is not None and ttl <= 0:
            raise ValueError(f"ttl must be above 0, or None, got {ttl}")
        with self._lock:
            self._features[name] = copy.deepcopy(default), ttl

    def write(self, entity: Hashable, values: Mapping[str, Any], at: float | None = None) -> None:
        """Store values of an entity that hold from the moment `at` on; None stands for the present.

        Raises KeyError, and stores nothing, for a name that is not defined.
        """
        moment = self._clock() if at is None else at  # not `at or ...`: 0 is a moment too
        stored = {name: copy.deepcopy(value) for name, value in values.items()}
        with self._lock:  # held over the whole write, so that nobody sees half of it
            for name in stored:
                self._known(name)
            for name, value in stored.items():
                history = self._histories.setdefault((entity, name), [])
                # Data comes late and out of order. To the right of equal moments: there the last write counts.
                bisect.insort_right(history, (moment, value), key=_moment)

    def read(self, entity: Hashable, names: Sequence[str], at: float | None = None) -> Row:
        """Return name -> value, as known at the moment `at`; None stands for the present.

        Raises KeyError for a name that is not defined.
        """
        return self.read_batch([(entity, at)], names)[0]

    def read_batch(self, rows: Sequence[tuple[Hashable, float | None]], names: Sequence[str]) -> list[Row]:
        """Return what `read` does for each pair (entity, at), in their order; None stands for one same present.

        Raises KeyError for a name that is not defined.
        """
        now = self._clock()
        with self._lock:  # held over all rows: a batch is one state of the store
            found = [
                {name: self._value(entity, name, now if at is None else at) for name in names} for entity, at in rows
            ]
        # Each value by itself, since a default or a repeated row stands in several places.
        return [{name: copy.deepcopy(value) for name, value in row.items()} for row in found]

    def _value(self, entity: Hashable, name: str, moment: float) -> Any:
        """Return the value that holds at the moment, or the default; not a copy."""
        default, ttl = self._known(name)
        history = self._histories.get((entity, name), [])
        n_known = bisect.bisect_right(history, moment, key=_moment)  # what comes after it was not known yet
        if n_known == 0:
            return default
        since, value = history[n_known - 1]
        # The age at the moment that is asked for. Nothing is deleted: it may be asked for an earlier one next.
        return default if ttl is not None and moment - since > ttl else value

    def _known(self, name: str) -> tuple[Any, float | None]:
        if name not in self._features:
            raise KeyError(f"no feature {name!r} is defined")
        return self._features[name]


def _moment(item: tuple[float, Any]) -> float:
    return item[0]


# Feast keeps two stores: all history in files or a warehouse, from which training data is joined, and the latest values
# alone in Redis or the like, from which a model is served in milliseconds. Both are filled by the same definitions.
