"""The ufuncs and their methods (add.reduce, add.outer) instead of operators, and arguments checked in a loop."""

import time

import numpy as np


def _check(*pairs):
    for vector, length in pairs:
        if np.shape(vector) != (length,):
            raise ValueError("a vector has the wrong shape")


def matvec_loop(A, x):
    _check((x, len(A[0])))
    factors = [float(factor) for factor in x]
    result = []
    for row in A:
        total = 0.0
        for entry, factor in zip(row, factors, strict=True):
            total += float(entry) * factor
        result.append(total)
    return np.array(result)


def matvec_broadcast(A, x):
    _check((x, A.shape[1]))
    products = np.multiply(np.transpose(A), np.reshape(x, (-1, 1)), dtype=np.float64)
    return np.add.reduce(products, axis=0)


def add_to_rows(A, v):
    if any(np.ndim(one) != ndim for one, ndim in ((A, 2), (v, 1))) or A.shape[1] != v.size:
        raise ValueError("the shapes of A and v do not fit")
    return np.add(A, np.reshape(v, (1, -1)), dtype=np.float64)


def add_to_columns(A, u):
    _check((u, A.shape[0]))
    return np.add(A, np.reshape(u, (-1, 1)), dtype=np.float64)


def outer_sum(u, v):
    for vector in (u, v):
        if vector.ndim != 1:
            raise ValueError("u and v must be vectors")
    return np.add.outer(np.array(u, dtype=np.float64), np.array(v, dtype=np.float64))


def time_matvec(functions, sizes, rng, repeats=5, clock=time.perf_counter):
    def timed(function, A, x):
        before = clock()
        function(A, x)
        return clock() - before

    columns = []
    for size in sizes:
        A, x = rng.normal(size=(size, size)), rng.normal(size=size)
        column = {}
        for name in functions:
            functions[name](A, x)
            column[name] = float(np.median([timed(functions[name], A, x) for _ in range(repeats)]))
        columns.append(column)
    return {name: [column[name] for column in columns] for name in functions}
