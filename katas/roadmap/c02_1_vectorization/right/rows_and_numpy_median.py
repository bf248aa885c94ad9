"""The loop goes over zipped rows; reshape instead of a new axis; all functions take turns at each size."""

import time

import numpy as np


def _matrix(A):
    if np.ndim(A) != 2:
        raise ValueError("A is no matrix")
    return np.array(A, dtype=float)


def _vector(v, n, name):
    if np.shape(v) != (n,):
        raise ValueError(f"{name} has the wrong shape")
    return np.array(v, dtype=float)


def matvec_loop(A, x):
    A = _matrix(A)
    x = _vector(x, A.shape[1], "x")
    result = []
    for row in A.tolist():
        result.append(sum(a * b for a, b in zip(row, x.tolist())))
    return np.array(result, dtype=float)


def matvec_broadcast(A, x):
    A = _matrix(A)
    x = _vector(x, A.shape[1], "x")
    return np.sum(A * x.reshape(1, -1), axis=-1)


def add_to_rows(A, v):
    A = _matrix(A)
    A += _vector(v, A.shape[1], "v")
    return A


def add_to_columns(A, u):
    A = _matrix(A)
    return (A.T + _vector(u, A.shape[0], "u")).T


def outer_sum(u, v):
    if np.ndim(u) != 1:
        raise ValueError("u is no vector")
    if np.ndim(v) != 1:
        raise ValueError("v is no vector")
    return np.asarray(u, dtype=float).reshape(-1, 1) + np.asarray(v, dtype=float).reshape(1, -1)


def time_matvec(functions, sizes, rng, repeats=5, clock=time.perf_counter):
    table = {name: [] for name in functions}
    for size in sizes:
        A, x = rng.normal(size=(size, size)), rng.normal(size=size)
        times = {name: [] for name in functions}
        for turn in range(repeats + 1):
            for name, function in functions.items():
                if turn == 0:
                    function(A, x)
                    continue
                before = clock()
                function(A, x)
                times[name].append(clock() - before)
        for name in functions:
            table[name].append(np.median(times[name]))
    return table
