"""Filters of tracemalloc, and caches written by hand."""

import gc
import tracemalloc
from pathlib import Path

import numpy as np


def leaks(step, folder, rounds=3, calls=10, limit=500):
    if rounds < 1:
        raise ValueError("rounds must be 1 or more")
    if calls < 1:
        raise ValueError("calls must be 1 or more")
    folder = Path(folder).resolve()
    before = tracemalloc.is_tracing()
    if not before:
        tracemalloc.start(25)
    history = []
    try:
        for _ in range(rounds + 1):
            for _ in range(calls):
                step()
            gc.collect()
            sizes = {}
            for trace in tracemalloc.take_snapshot().traces:
                line = line_of(trace.traceback, folder)
                if line:
                    sizes[line] = sizes.get(line, 0) + trace.size
            history.append(sizes)
    finally:
        if not before:
            tracemalloc.stop()
    result = []
    for line in history[-1]:
        sizes = [one.get(line, 0) for one in history]
        growth = [(b - a) / calls for a, b in zip(sizes, sizes[1:], strict=False)]
        if min(growth) > limit:
            result.append((line, sum(growth) / rounds))
    result.sort(key=lambda pair: -pair[1])
    return result


def line_of(traceback, folder):
    place = None
    for frame in traceback:  # the outermost first
        if frame.filename == __file__:
            place = None
            continue
        path = Path(frame.filename).resolve()
        if folder in path.parents:
            place = path.relative_to(folder).as_posix() + ":" + str(frame.lineno)
    return place


class Pipeline:
    def __init__(self, load, recent=4):
        self.load = load
        self.recent = recent
        self.batches = {}
        self.rows = 0
        self.total = None
        self.messages = []
        self.errors = 0

    def __call__(self, key):
        if key in self.batches:
            rows = self.batches.pop(key)
        else:
            try:
                rows = np.array(self.load(key), dtype=float)
                if not np.all(np.isfinite(rows)):
                    raise ValueError(f"batch {key} has values that are not finite")
            except ValueError as error:
                self.messages = [*self.messages, str(error)][-3:]
                self.errors += 1
                return None
        self.batches[key] = rows
        while len(self.batches) > self.recent:
            del self.batches[next(iter(self.batches))]
        centred = rows - rows.mean(axis=0)
        squares = (centred * centred).sum(axis=0)
        self.total = squares if self.total is None else self.total + squares
        self.rows += len(rows)
        return centred

    def report(self):
        variance = None if self.total is None else self.total / self.rows
        return {"rows": self.rows, "variance": variance, "errors": self.errors, "last_errors": list(self.messages)}
