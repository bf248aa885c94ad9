"""Caches for the predictions of a model, by the content of the array."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import NDArray

Array = NDArray[Any]


class Info(NamedTuple):
    """Calls that found a result, calls that ran the model, and results kept now."""

    hits: int
    misses: int
    size: int


class CachedModel:
    """A model that keeps its results in memory, for all threads."""

    def __init__(
        self,
        predict: Callable[[Array], Array],
        max_size: int = 1024,
        ttl_s: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """At most `max_size` results, each for less than `ttl_s` seconds by `clock`."""
        raise NotImplementedError

    def __call__(self, x: Array) -> Array:
        """Return what predict(x) returns, or has returned for an array of this content; the caller's own copy.

        Raises TypeError for an array of objects, and whatever predict raises.
        """
        raise NotImplementedError

    def info(self) -> Info:
        """Return the counts since the start or the last `clear`."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget all results, also those that are being computed."""
        raise NotImplementedError


def shared(predict: Callable[[Array], Array], client: Any, version: str, ttl_s: float) -> Callable[[Array], Array]:
    """Return predict with its results kept in Redis, where functions of the same version find them.

    client: a redis.Redis, as in client.get(key) and client.set(key, value, px=milliseconds).
    """
    raise NotImplementedError
