"""Handwritten digits, read by a network of any depth in NumPy; a program at the end trains and tests it."""

from __future__ import annotations

import argparse
import gzip
import math
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]  # (W, b) of each layer: (n_out, n_in) and (n_out,)


def read_idx(path: str | Path) -> NDArray[np.uint8]:
    """Return the array of bytes in an IDX file, which may be compressed by gzip.

    Raises ValueError with the path for what is no IDX file of bytes, is damaged, too short or too long.
    """
    raise NotImplementedError


def load(images: str | Path, labels: str | Path) -> tuple[Array, NDArray[np.int64]]:
    """Return X (n, pixels), from 0 to 1, and y (n,) of two IDX files. Raises ValueError when they do not match."""
    raise NotImplementedError


def init(sizes: Sequence[int], rng: np.random.Generator) -> Layers:
    """Return layers from sizes[0] inputs to sizes[-1] outputs: weights of variance 2 / n_in from `rng`, biases 0."""
    raise NotImplementedError


def forward(layers: Layers, X: Array) -> Array:
    """Return the logits of the rows of X: a ReLU follows each layer but the last."""
    raise NotImplementedError


def loss_and_gradients(layers: Layers, X: Array, y: NDArray[np.integer[Any]]) -> tuple[float, Layers]:
    """Return the mean cross-entropy of the rows, and its derivatives in the form of `layers`."""
    raise NotImplementedError


def step(layers: Layers, gradients: Layers, learning_rate: float) -> Layers:
    """Return new layers, one step of descent further; the old ones stay as they are."""
    raise NotImplementedError


def batches(n: int, batch_size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield the numbers 0 to n - 1 in a random order, `batch_size` at a time; the last batch may be smaller."""
    raise NotImplementedError


def train(
    X: Array,
    y: NDArray[np.integer[Any]],
    hidden: Sequence[int] = (64,),
    epochs: int = 20,
    batch_size: int = 16,
    learning_rate: float = 0.1,
    seed: int = 0,
) -> Layers:
    """Return layers, trained by stochastic descent; `hidden` has the neurons of each hidden layer."""
    raise NotImplementedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on two files, test on two others, print the share that is right, and draw the first misread digits."""
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
