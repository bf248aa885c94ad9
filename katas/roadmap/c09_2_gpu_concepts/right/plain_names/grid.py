"""The same with math.ceil and a vector product in each thread."""

import itertools
import math

import numpy as np


def grid_for(shape, block):
    return math.ceil(shape[1] / block[0]), math.ceil(shape[0] / block[1])


def element_of(block_idx, thread_idx, block):
    return block_idx[1] * block[1] + thread_idx[1], block_idx[0] * block[0] + thread_idx[0]


def lane_of(thread_idx, block):
    number = thread_idx[0] + thread_idx[1] * block[0]
    return number // 32, number % 32


def launch(kernel, grid, block):
    if math.prod(block) > 1024:
        raise ValueError("too many threads in a block")
    for block_idx in itertools.product(range(grid[0]), range(grid[1])):
        for thread_idx in itertools.product(range(block[0]), range(block[1])):
            kernel(block_idx, thread_idx)


def thread_work(a, b, c, block_idx, thread_idx, block):
    row, column = element_of(block_idx, thread_idx, block)
    if row < len(c) and column < len(c[0]):
        c[row, column] = a[row] @ b[:, column]


def matmul(a, b, block):
    (n, k), (rows, m) = a.shape, b.shape
    if k != rows:
        raise ValueError("the inner sizes differ")
    c = np.empty((n, m))

    def kernel(block_idx, thread_idx):
        thread_work(a, b, c, block_idx, thread_idx, block)

    launch(kernel, grid_for((n, m), block), block)
    return c
