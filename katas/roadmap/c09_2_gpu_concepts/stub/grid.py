"""A GPU in plain Python: which thread computes which element of a matrix product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]  # (x, y): x along the columns, y along the rows
WARP = 32  # threads that take every step together
MOST_THREADS = 1024  # in one block


def grid_for(shape: Pair, block: Pair) -> Pair:
    """The fewest blocks, (x, y), that cover a matrix of shape (rows, columns)."""
    raise NotImplementedError


def element_of(block_idx: Pair, thread_idx: Pair, block: Pair) -> Pair:
    """The (row, column) of the element that this thread computes; it may lie outside the matrix."""
    raise NotImplementedError


def lane_of(thread_idx: Pair, block: Pair) -> Pair:
    """The (warp, lane) of a thread in its block: threads are numbered with x fastest, each 32 form a warp."""
    raise NotImplementedError


def launch(kernel: Callable[[Pair, Pair], object], grid: Pair, block: Pair) -> None:
    """Run kernel(block_idx, thread_idx) once for each thread of each block, in any order.

    Raises ValueError for a block of more than 1024 threads.
    """
    raise NotImplementedError


def thread_work(
    a: NDArray[Any], b: NDArray[Any], c: NDArray[Any], block_idx: Pair, thread_idx: Pair, block: Pair
) -> None:
    """Write this thread's element of c = a @ b; a thread outside c reads and writes nothing."""
    raise NotImplementedError


def matmul(a: NDArray[Any], b: NDArray[Any], block: Pair) -> NDArray[np.float64]:
    """a @ b, (n, k) by (k, m), one thread for each element; a new float64 array.

    Raises ValueError when the shapes do not fit.
    """
    raise NotImplementedError
