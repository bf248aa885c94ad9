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
    rows, columns = shape
    # Rounded up, or the last columns and rows would have no thread. x comes first here, rows come first in a shape.
    return -(-columns // block[0]), -(-rows // block[1])


def element_of(block_idx: Pair, thread_idx: Pair, block: Pair) -> Pair:
    """The (row, column) of the element that this thread computes; it may lie outside the matrix."""
    # All blocks before mine, full ones each, and then my own place.
    column = block_idx[0] * block[0] + thread_idx[0]
    row = block_idx[1] * block[1] + thread_idx[1]
    return row, column


def lane_of(thread_idx: Pair, block: Pair) -> Pair:
    """The (warp, lane) of a thread in its block: threads are numbered with x fastest, each 32 form a warp."""
    return divmod(thread_idx[1] * block[0] + thread_idx[0], WARP)


def launch(kernel: Callable[[Pair, Pair], object], grid: Pair, block: Pair) -> None:
    """Run kernel(block_idx, thread_idx) once for each thread of each block, in any order.

    Raises ValueError for a block of more than 1024 threads.
    """
    if block[0] * block[1] > MOST_THREADS:
        raise ValueError(f"a block has at most {MOST_THREADS} threads, got {block[0]} x {block[1]}")
    # A GPU takes the blocks in any order, as many at once as it has room for: no block may wait for another.
    for block_y in range(grid[1]):
        for block_x in range(grid[0]):
            for thread_y in range(block[1]):
                for thread_x in range(block[0]):
                    kernel((block_x, block_y), (thread_x, thread_y))


def thread_work(
    a: NDArray[Any], b: NDArray[Any], c: NDArray[Any], block_idx: Pair, thread_idx: Pair, block: Pair
) -> None:
    """Write this thread's element of c = a @ b; a thread outside c reads and writes nothing."""
    row, column = element_of(block_idx, thread_idx, block)
    # The last blocks stick out beyond the matrix. On a GPU nobody checks an index: it would be somebody else's memory.
    if row >= c.shape[0] or column >= c.shape[1]:
        return
    total = 0.0  # lives in a register
    for k in range(a.shape[1]):
        total += a[row, k] * b[k, column]
    c[row, column] = total


def matmul(a: NDArray[Any], b: NDArray[Any], block: Pair) -> NDArray[np.float64]:
    """a @ b, (n, k) by (k, m), one thread for each element; a new float64 array.

    Raises ValueError when the shapes do not fit.
    """
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"a has {a.shape[1]} columns, but b has {b.shape[0]} rows")
    c = np.zeros((a.shape[0], b.shape[1]))
    launch(lambda mine, me: thread_work(a, b, c, mine, me, block), grid_for(c.shape, block), block)
    return c


# In Numba the same kernel begins with `column, row = cuda.grid(2)` and is launched as kernel[grid, block](a, b, c).
# Libraries let each thread compute a small tile of C in registers, and feed tensor cores, which multiply whole tiles.
