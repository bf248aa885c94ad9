"""The last block first, and lists of numbers in the way of a C programmer."""

import numpy as np


def grid_for(shape, block):
    rows, columns = shape
    return [(columns + block[0] - 1) // block[0], (rows + block[1] - 1) // block[1]]


def element_of(block_idx, thread_idx, block):
    x, y = (block_idx[i] * block[i] + thread_idx[i] for i in (0, 1))
    return np.array([y, x])


def lane_of(thread_idx, block):
    order = [(x, y) for y in range(block[1]) for x in range(block[0])]
    number = order.index(tuple(thread_idx))
    return [number // 32, number % 32]


def launch(kernel, grid, block):
    if block[0] * block[1] > 1024:
        raise ValueError(f"{block} is too large")
    for i in reversed(range(grid[0] * grid[1])):
        for j in range(block[0] * block[1]):
            kernel((i % grid[0], i // grid[0]), (j % block[0], j // block[0]))


def thread_work(a, b, c, block_idx, thread_idx, block):
    i, j = element_of(block_idx, thread_idx, block)
    n, m = c.shape
    if not (i < n and j < m):
        return
    c[i, j] = sum(float(a[i, k]) * float(b[k, j]) for k in range(a.shape[1]))


def matmul(a, b, block):
    if a.shape[1] != b.shape[0]:
        raise ValueError("a and b do not fit")
    c = np.zeros((a.shape[0], b.shape[1]), dtype=float)
    grid = grid_for(c.shape, block)
    launch(lambda *who: thread_work(a, b, c, *who, block), grid, block)
    return c
