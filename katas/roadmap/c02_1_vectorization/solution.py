"""A matrix-vector product by loop and by broadcasting, and what each of them costs."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Product = Callable[[Any, Any], object]


def matvec_loop(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """Return A (n, m) times x (m,) by plain Python loops: (n,) float64. Raises ValueError for another shape of x."""
    _require_vector("x", x, A.shape[1])
    product = np.zeros(A.shape[0])
    for i in range(A.shape[0]):
        total = 0.0
        for j in range(A.shape[1]):
            # Each A[i, j] makes a Python object: that is what the loop pays for. float() keeps uint8 from wrapping.
            total += float(A[i, j]) * float(x[j])
        product[i] = total
    return product


def matvec_broadcast(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """Return A (n, m) times x (m,) without a loop: (n,) float64. Raises ValueError for another shape of x."""
    _require_vector("x", x, A.shape[1])
    # (n, m) * (m,): shapes are compared from the right, so x lies along each row. The cost is a table of all products.
    return np.asarray((_floats(A) * _floats(x)).sum(axis=1))  # (n,)


def add_to_rows(A: NDArray[Any], v: NDArray[Any]) -> Array:
    """Return v (m,) added to each row of A: (n, m) float64. Raises ValueError for another shape of v."""
    _require_vector("v", v, A.shape[1])
    return _floats(A) + _floats(v)


def add_to_columns(A: NDArray[Any], u: NDArray[Any]) -> Array:
    """Return u (n,) added to each column of A: (n, m) float64. Raises ValueError for another shape of u."""
    _require_vector("u", u, A.shape[0])
    # (n, 1) is stretched to the right. Without the new axis, a square A would take u for a row, without an error.
    return _floats(A) + _floats(u)[:, np.newaxis]


def outer_sum(u: NDArray[Any], v: NDArray[Any]) -> Array:
    """Return all sums u[i] + v[j]: (n, m) float64. Raises ValueError for a u or v that is not a vector."""
    _require_vector("u", u, u.size)
    _require_vector("v", v, v.size)
    # (n, 1) + (m,) stretches both: (n, m).
    return _floats(u)[:, np.newaxis] + _floats(v)


def _floats(array: NDArray[Any]) -> Array:
    # Before any arithmetic: in uint8, 200 + 100 is 44.
    return array.astype(np.float64)


def _require_vector(name: str, vector: NDArray[Any], length: int) -> None:
    # Asked before any arithmetic: NumPy would stretch a vector of length 1 and say nothing.
    if vector.shape != (length,):
        raise ValueError(f"{name} must be a vector of length {length}, got shape {vector.shape}")


def time_matvec(
    functions: Mapping[str, Product],
    sizes: Sequence[int],
    rng: np.random.Generator,
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Return the median seconds of each function of (A, x), by name, one figure for each size.

    repeats: timed calls of each function, after one untimed. clock: read before and after each timed call.
    """
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for size in sizes:
        # The same numbers for all, so that the functions are compared on the same work.
        A = rng.normal(size=(size, size))
        x = rng.normal(size=size)
        for name, function in functions.items():
            seconds[name].append(_median_s(function, A, x, repeats, clock))
    return seconds


def _median_s(function: Product, A: Array, x: Array, repeats: int, clock: Callable[[], float]) -> float:
    # The first call pays for cold caches and lazy set-up, which are not the function's own.
    function(A, x)
    times = []
    for _ in range(repeats):
        start = clock()
        function(A, x)
        times.append(clock() - start)
    # One interrupted call changes a mean, but hardly a median.
    return statistics.median(times)


# np.dot hands the product to BLAS, which multiplies and adds in one instruction, several numbers at a time, and stores
# no table of products. Below some twenty numbers the call itself costs more than the work, and a plain loop is as good.
