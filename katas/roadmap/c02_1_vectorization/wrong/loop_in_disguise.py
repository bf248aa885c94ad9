"""The loop went into a list: every row is still multiplied by Python, one after the other."""


import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Product = Callable[[Any, Any], object]


def matvec_loop(A: NDArray[Any], x: NDArray[Any]) -> Array:
    _require_matrix(A)
    _require_vector("x", x, A.shape[1])
    product = np.zeros(len(A))
    for i in range(A.shape[0]):
        total = 0.0
        for j in range(A.shape[1]):
            total += float(A[i, j]) * float(x[j])
        product[i] = total
    return product


def matvec_broadcast(A: NDArray[Any], x: NDArray[Any]) -> Array:
    _require_matrix(A)
    _require_vector("x", x, A.shape[1])
    return np.array([sum(float(a) * float(b) for a, b in zip(row, x)) for row in A], dtype=np.float64)


def add_to_rows(A: NDArray[Any], v: NDArray[Any]) -> Array:
    _require_matrix(A)
    _require_vector("v", v, A.shape[1])
    return _floats(A) + _floats(v)


def add_to_columns(A: NDArray[Any], u: NDArray[Any]) -> Array:
    _require_matrix(A)
    _require_vector("u", u, A.shape[0])
    return _floats(A) + _floats(u)[:, np.newaxis]


def outer_sum(u: NDArray[Any], v: NDArray[Any]) -> Array:
    _require_vector("u", u)
    _require_vector("v", v)
    return _floats(u)[:, np.newaxis] + _floats(v)


def _floats(array: NDArray[Any]) -> Array:
    return array.astype(np.float64)


def _require_matrix(A: NDArray[Any]) -> None:
    if A.ndim != 2:
        raise ValueError(f"A must be two-dimensional, got shape {A.shape}")


def _require_vector(name: str, vector: NDArray[Any], length: int | None = None) -> None:
    if vector.ndim != 1 or (length is not None and len(vector) != length):
        wanted = "a vector" if length is None else f"a vector of length {length}"
        raise ValueError(f"{name} must be {wanted}, got shape {vector.shape}")


def time_matvec(
    functions: Mapping[str, Product],
    sizes: Sequence[int],
    rng: np.random.Generator,
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for size in sizes:
        A = rng.normal(size=(size, size))
        x = rng.normal(size=size)
        for name, function in functions.items():
            seconds[name].append(_median_s(function, A, x, repeats, clock))
    return seconds


def _median_s(function: Product, A: Array, x: Array, repeats: int, clock: Callable[[], float]) -> float:
    function(A, x)
    times = []
    for _ in range(repeats):
        start = clock()
        function(A, x)
        times.append(clock() - start)
    return statistics.median(times)
