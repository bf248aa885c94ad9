"""Caches for the predictions of a model: one condition, times of use, waiters that look again."""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np

Info = namedtuple("Info", "hits misses size")


def key_of(x: Any) -> str:
    if x.dtype == object:
        raise TypeError("no arrays of objects")
    digest = hashlib.sha256(f"{x.dtype.str} {x.shape}".encode())
    digest.update(np.ascontiguousarray(x).data.cast("B") if x.size else b"")
    return digest.hexdigest()


class CachedModel:
    def __init__(
        self, predict: Any, max_size: int = 1024, ttl_s: float = math.inf, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.predict, self.max_size, self.ttl_s, self.clock = predict, max_size, ttl_s, clock
        self.changed = threading.Condition()
        self.generation = -1
        self.clear()

    def clear(self) -> None:
        with self.changed:
            self.generation += 1
            self.results: dict[str, Any] = {}
            self.busy: set[tuple[int, str]] = set()
            self.hits = self.misses = 0
            self.changed.notify_all()

    def info(self) -> Info:
        with self.changed:
            return Info(self.hits, self.misses, len(self.results))

    def __call__(self, x: Any) -> Any:
        key = key_of(x)
        with self.changed:
            while True:
                found = self.results.pop(key, None)
                if found is not None and self.clock() - found[1] < self.ttl_s:
                    self.results[key] = found  # again at the end, as the latest in use
                    self.hits += 1
                    return np.array(found[0])
                mine = self.generation, key
                if mine not in self.busy:
                    break
                self.changed.wait()
            self.busy.add(mine)
            self.misses += 1
        result = None
        try:
            result = np.array(self.predict(x))
        finally:
            with self.changed:
                self.busy.discard(mine)
                if result is not None and mine[0] == self.generation:
                    while len(self.results) >= self.max_size:
                        del self.results[next(iter(self.results))]
                    self.results[key] = (result, self.clock())
                self.changed.notify_all()
        return result.copy()


def shared(predict: Any, client: Any, version: str, ttl_s: float) -> Any:
    def inner(x: Any) -> Any:
        key = f"{version}/{key_of(x)}".encode()
        try:
            head, _, data = client.get(key).partition(b"\n")
            dtype, shape = json.loads(head)
            return np.frombuffer(data, dtype=dtype).reshape(shape).copy()
        except Exception:
            y = predict(x)
        try:
            client.psetex(key, int(ttl_s * 1000), json.dumps([y.dtype.str, y.shape]).encode() + b"\n" + y.tobytes())
        except Exception:
            pass
        return y

    return inner
