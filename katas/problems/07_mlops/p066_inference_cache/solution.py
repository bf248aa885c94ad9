"""Caches for the predictions of a model, by the content of the array."""

from __future__ import annotations

import hashlib
import io
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Key = tuple[tuple[int, ...], str, bytes]

log = logging.getLogger(__name__)


class Info(NamedTuple):
    """Calls that found a result, calls that ran the model, and results kept now."""

    hits: int
    misses: int
    size: int


def content(x: Array) -> Key:
    """Return what two arrays have in common exactly when their contents are the same."""
    if x.dtype.hasobject:
        raise TypeError("an array of dtype object has no content of its own, only addresses")
    # Without shape and dtype, (2, 3) and (3, 2) were one, and so were float32 and int32 of the same bytes. tobytes
    # reads in C order, however the array lies in memory.
    return x.shape, x.dtype.str, x.tobytes()


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
        self._predict, self._max_size, self._ttl_s, self._clock = predict, max_size, ttl_s, clock
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all results, also those that are being computed."""
        with self._lock:
            # New dicts, not emptied ones: a call that is running puts its result into the old ones.
            self._kept: OrderedDict[Key, tuple[float, Array]] = OrderedDict()  # (expires at, result), least used first
            self._running: dict[Key, Future[Array]] = {}
            self._hits = self._misses = 0

    def info(self) -> Info:
        """Return the counts since the start or the last `clear`."""
        with self._lock:
            return Info(self._hits, self._misses, len(self._kept))

    def __call__(self, x: Array) -> Array:
        """Return what predict(x) returns, or has returned for an array of this content; the caller's own copy.

        Raises TypeError for an array of objects, and whatever predict raises.
        """
        key = content(x)
        # The lock is held for the book-keeping only, never while the model computes.
        with self._lock:
            kept, running = self._kept, self._running
            if key in kept and self._clock() < kept[key][0]:
                self._hits += 1
                kept.move_to_end(key)
                return kept[key][1].copy()
            if key in running:
                self._hits += 1
                future, is_mine = running[key], False
            else:
                self._misses += 1
                future = running[key] = Future()
                is_mine = True
        if is_mine:
            self._compute(x, key, kept, running)
        return future.result().copy()  # raises what predict has raised

    def _compute(
        self, x: Array, key: Key, kept: OrderedDict[Key, tuple[float, Array]], running: dict[Key, Future[Array]]
    ) -> None:
        future = running[key]
        try:
            result = self._predict(x).copy()  # predict may use its buffer again
        except BaseException as error:
            with self._lock:
                del running[key]
            future.set_exception(error)  # or those who wait would wait forever
            return
        with self._lock:
            del running[key]
            kept[key] = self._clock() + self._ttl_s, result
            kept.move_to_end(key)  # an expired result of this content may have stood elsewhere
            if len(kept) > self._max_size:
                kept.popitem(last=False)
        future.set_result(result)


def shared(predict: Callable[[Array], Array], client: Any, version: str, ttl_s: float) -> Callable[[Array], Array]:
    """Return predict with its results kept in Redis, where functions of the same version find them.

    client: a redis.Redis, as in client.get(key) and client.set(key, value, px=milliseconds).
    """

    def cached(x: Array) -> Array:
        # A digest: the key stays short. hash() of Python would differ from process to process.
        key = f"prediction:{version}:{hashlib.sha256(repr(content(x)).encode()).hexdigest()}"
        try:
            found = client.get(key)
            if found is not None:
                return np.asarray(np.load(io.BytesIO(found), allow_pickle=False))
        except Exception:  # a cache may make things slow when it fails, never wrong
            log.exception("no prediction could be read from Redis")
        result = predict(x)
        try:
            file = io.BytesIO()
            np.save(file, result, allow_pickle=False)
            client.set(key, file.getvalue(), px=round(1000 * ttl_s))
        except Exception:
            log.exception("a prediction could not be kept in Redis")
        return result

    return cached


# Real services put the first in front of the second: memory answers in microseconds, Redis in a millisecond, the model
# in a second. Against a rush of processes for one content, a short lock in Redis (SET key value NX PX) does what the
# Future does among threads.
