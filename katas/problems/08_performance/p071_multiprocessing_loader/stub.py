"""Images that several processes decode, in the order of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


class LoadError(Exception):
    """The file at `path` could not be loaded, for this reason."""

    def __init__(self, path: Any, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


def read_image(path: Any, size: int) -> NDArray[np.uint8]:
    """Return the image at path in RGB, (size, size, 3)."""
    raise NotImplementedError


def load_all(load: Callable[[Any], Any], paths: Iterable[Any], n_workers: int = 2) -> Iterator[Any]:
    """Yield load(path) for each path, in order, by n_workers processes that work ahead of the caller.

    Raises LoadError for the first path that cannot be loaded. No process is left behind, however it ends.
    """
    raise NotImplementedError
    yield
