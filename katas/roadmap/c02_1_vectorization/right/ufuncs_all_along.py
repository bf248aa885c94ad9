"""The ufuncs and their methods (add.reduce, add.outer) instead of operators."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Product = Callable[[Any, Any], object]


def matvec_loop(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """The product of A (n, m) and x (m,) with plain loops: float64 of shape (n,).

    Raises ValueError, naming A or x, when its shape is not as said here.
    """
    _require("A", A, 2)
    _require("x", x, 1, np.shape(A)[1])
    factors = [float(factor) for factor in x]
    result = []
    for row in A:
        total = 0.0
        for entry, factor in zip(row, factors, strict=True):
            total += float(entry) * factor
        result.append(total)
    return np.array(result, dtype=np.float64)


def matvec_broadcast(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """The product of A (n, m) and x (m,) without a loop: float64 of shape (n,).

    Raises ValueError, naming A or x, when its shape is not as said here.
    """
    _require("A", A, 2)
    _require("x", x, 1, np.shape(A)[1])
    products = np.multiply(np.transpose(A), np.reshape(x, (-1, 1)), dtype=np.float64)
    return np.add.reduce(products, axis=0)


def add_to_rows(A: NDArray[Any], v: NDArray[Any]) -> Array:
    """A new (n, m) array: v (m,) added to each row of A. Raises ValueError, naming v, for another shape."""
    _require("A", A, 2)
    _require("v", v, 1, np.shape(A)[1])
    return np.add(A, np.reshape(v, (1, -1)), dtype=np.float64)


def add_to_columns(A: NDArray[Any], u: NDArray[Any]) -> Array:
    """A new (n, m) array: u (n,) added to each column of A. Raises ValueError, naming u, for another shape."""
    _require("A", A, 2)
    _require("u", u, 1, np.shape(A)[0])
    return np.add(A, np.reshape(u, (-1, 1)), dtype=np.float64)


def outer_sum(u: NDArray[Any], v: NDArray[Any]) -> Array:
    """All sums u[i] + v[j] as a table. Raises ValueError, naming u or v, when it is not a vector."""
    _require("u", u, 1)
    _require("v", v, 1)
    return np.add.outer(np.array(u, dtype=np.float64), np.array(v, dtype=np.float64))


def time_matvec(
    functions: Mapping[str, Product],
    sizes: Sequence[int],
    rng: np.random.Generator,
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Median seconds of each function for a square matrix and a vector of each size, drawn from `rng`.

    repeats: timed calls of each function, after one untimed. clock: gives seconds; read before and after each timed
    call. Returns name -> one figure for each size. Raises ValueError, naming repeats, when it is below 1.
    """
    if repeats < 1:
        raise ValueError("repeats must be at least 1")

    def timed(function: Product, A: Array, x: Array) -> float:
        before = clock()
        function(A, x)
        after = clock()
        return after - before

    columns = []
    for size in sizes:
        A, x = rng.normal(size=(size, size)), rng.normal(size=size)
        column = {}
        for name in functions:
            functions[name](A, x)
            column[name] = float(np.median([timed(functions[name], A, x) for _ in range(repeats)]))
        columns.append(column)
    return {name: [column[name] for column in columns] for name in functions}


def _require(name: str, array: NDArray[Any], ndim: int, length: int | None = None) -> None:
    shape = np.shape(array)
    if len(shape) != ndim or (length is not None and shape != (length,)):
        raise ValueError(f"{name} has the wrong shape {shape}")
