"""Images that several processes decode, in the order of their files."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


class LoadError(Exception):
    """The file at `path` could not be loaded, for this reason."""

    def __init__(self, path: Any, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


def read_image(path: Any, size: int) -> NDArray[np.uint8]:
    """Return the image at path in RGB, (size, size, 3)."""
    with Image.open(path) as image:
        # Colours first: the numbers of a palette image are names of colours, and a mean of two names is nothing.
        return np.asarray(image.convert("RGB").resize((size, size)))


def load_all(load: Callable[[Any], Any], paths: Iterable[Any], n_workers: int = 2) -> Iterator[Any]:
    """Yield load(path) for each path, in order, by n_workers processes that work ahead of the caller.

    Raises LoadError for the first path that cannot be loaded. No process is left behind, however it ends.
    """
    remaining = iter(paths)
    pool = ProcessPoolExecutor(n_workers)
    try:
        # One file for each worker, and one more that it finds when it is ready. A queue keeps the order.
        ahead = deque((path, _submitted(pool, load, path)) for path in islice(remaining, 2 * n_workers))
        while ahead:
            path, future = ahead.popleft()
            try:
                result, reason = future.result()
            except BrokenProcessPool:
                raise LoadError(path, "a worker process was killed") from None
            if reason:
                raise LoadError(path, reason)
            # Submitted before the result is handed over: the caller may take long.
            ahead.extend((path, _submitted(pool, load, path)) for path in islice(remaining, 1))
            yield result
    finally:
        # Also when the caller closes the generator, which raises GeneratorExit at the yield.
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, load: Callable[[Any], Any], path: Any) -> Future[tuple[Any, str]]:
    try:
        return pool.submit(_attempt, load, path)
    except BrokenProcessPool as error:
        # A worker has died meanwhile. The results that were ready come first, so the error waits for its turn.
        failed: Future[tuple[Any, str]] = Future()
        failed.set_exception(error)
        return failed


def _attempt(load: Callable[[Any], Any], path: Any) -> tuple[Any, str]:
    """Return what load returns, or why it did not; runs in the worker."""
    try:
        return load(path), ""
    except Exception as error:
        # A text always gets through. Some exceptions can be pickled but not read again, which breaks the whole pool.
        return None, f"{type(error).__name__}: {error}"


# PyTorch's DataLoader does the same with queues of its own. It also seeds each worker differently, sends tensors by
# shared memory instead of pickling them, and copies them to memory from which the GPU can fetch them.
