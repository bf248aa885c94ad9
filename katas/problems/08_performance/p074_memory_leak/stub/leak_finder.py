"""Finds the lines of a program whose memory keeps growing, and a pipeline whose memory does not."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def leaks(
    step: Callable[[], object], folder: str | Path, rounds: int = 3, calls: int = 10, limit: float = 500.0
) -> list[tuple[str, float]]:
    """The lines of files below folder that leak, as ("nets/loss.py:4", bytes per call), the largest first.

    step() is called `calls` times in each of 1 + rounds rounds. A line leaks when its memory grows by more than
    `limit` bytes per call in each round but the first. Raises ValueError for rounds or calls below 1.
    """
    raise NotImplementedError


class Pipeline:
    """Does what leaky_pipeline.Pipeline does, but holds no more than the `recent` batches used last."""

    def __init__(self, load: Callable[[Any], Any], recent: int = 4) -> None:
        """load: key -> the batch (n, d); may raise ValueError. The batches used last are not loaded again."""
        raise NotImplementedError

    def __call__(self, key: Hashable) -> NDArray[np.float64] | None:
        """Return the batch, each column less its mean; None where there is a ValueError."""
        raise NotImplementedError

    def report(self) -> dict[str, Any]:
        """Return the number of rows, the variance of their columns, the number of errors, and the last messages."""
        raise NotImplementedError
