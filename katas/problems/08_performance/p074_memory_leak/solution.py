"""Finds the lines of a program whose memory keeps growing, and a pipeline whose memory does not."""

import gc
import tracemalloc
from collections import Counter, deque
from collections.abc import Callable, Hashable
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_FRAMES = 25  # the callers that tracemalloc notes for each block; by default it is one


def leaks(
    step: Callable[[], object], folder: str | Path, rounds: int = 3, calls: int = 10, limit: float = 500.0
) -> list[tuple[str, float]]:
    """The lines of files below folder that leak, as ("nets/loss.py:4", bytes per call), the largest first.

    step() is called `calls` times in each of 1 + rounds rounds. A line leaks when its memory grows by more than
    `limit` bytes per call in each round but the first. Raises ValueError for rounds or calls below 1.
    """
    if rounds < 1 or calls < 1:
        raise ValueError(f"rounds and calls must be at least 1, got {rounds} and {calls}")
    root = Path(folder).resolve()
    was_tracing = tracemalloc.is_tracing()
    # From the start: a full cache replaces old blocks by new ones, which looks like growth if only these are traced.
    tracemalloc.start(N_FRAMES)
    try:
        held = [_held_after_round(step, calls, root) for _ in range(1 + rounds)]
    finally:
        if not was_tracing:
            tracemalloc.stop()
    found = [
        (place, (held[-1][place] - held[0][place]) / (rounds * calls))
        for place in held[-1]
        if all(after[place] - before[place] > limit * calls for before, after in pairwise(held))
    ]
    return sorted(found, key=lambda leak: leak[1], reverse=True)


def _held_after_round(step: Callable[[], object], calls: int, root: Path) -> Counter[str]:
    """Call step, and return the bytes that each line below root holds then."""
    for _ in range(calls):
        step()
    gc.collect()  # what only waits for the collector is no leak
    held: Counter[str] = Counter()
    for statistic in tracemalloc.take_snapshot().statistics("traceback"):
        if place := _place(statistic.traceback, root):
            held[place] += statistic.size
    return held


def _place(traceback: tracemalloc.Traceback, root: Path) -> str | None:
    """The innermost line below root that led to an allocation of the program's, None where there is none."""
    for frame in reversed(traceback):  # the innermost is the last
        if frame.filename == __file__:
            return None  # what lies further out has called this tool: the block is its own
        path = Path(frame.filename).resolve()
        if path.is_relative_to(root):
            return f"{path.relative_to(root).as_posix()}:{frame.lineno}"
    return None


class Pipeline:
    """Does what leaky_pipeline.Pipeline does, but holds no more than the `recent` batches used last."""

    def __init__(self, load: Callable[[Any], Any], recent: int = 4) -> None:
        """load: key -> the batch (n, d); may raise ValueError. The batches used last are not loaded again."""
        # A cache on a method is one for all pipelines, and refers to each of them. This one ends with its pipeline.
        self._rows = lru_cache(maxsize=recent)(partial(_rows, load))
        self._n_rows = 0
        self._squares: Any = 0.0  # (d,): the sum alone, not the batches that it is made of
        self._n_errors = 0
        self._messages: deque[str] = deque(maxlen=3)

    def __call__(self, key: Hashable) -> NDArray[np.float64] | None:
        """Return the batch, each column less its mean; None where there is a ValueError."""
        try:
            rows = self._rows(key)
        except ValueError as error:
            # Its text alone: an exception has a traceback, that has the frames, and these have the batch.
            self._messages.append(str(error))
            self._n_errors += 1
            return None
        centred = rows - rows.mean(axis=0)
        self._squares = self._squares + (centred**2).sum(axis=0)
        self._n_rows += len(rows)
        return np.asarray(centred)

    def report(self) -> dict[str, Any]:
        """Return the number of rows, the variance of their columns, the number of errors, and the last messages."""
        return {
            "rows": self._n_rows,
            "variance": self._squares / self._n_rows if self._n_rows else None,
            "errors": self._n_errors,
            "last_errors": list(self._messages),
        }


def _rows(load: Callable[[Any], Any], key: Hashable) -> NDArray[np.float64]:
    rows = np.array(load(key), dtype=np.float64)
    if not np.isfinite(rows).all():
        raise ValueError(f"batch {key} has values that are not finite")
    return rows


# tracemalloc sees what Python and NumPy allocate, not the memory of other libraries in C, nor that of a GPU. memray
# sees these, too. To learn who keeps an object, ask gc.get_referrers, or draw it with objgraph.
