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
    """The product of A (n, m) and x (m,) with plain loops: float64 of shape (n,).

    Raises ValueError, naming A or x, when its shape is not as said here.
    """
    _require_matrix(A)
    _require_vector("x", x, A.shape[1])
    product = np.zeros(len(A))
    for i in range(A.shape[0]):
        total = 0.0
        for j in range(A.shape[1]):
            # Every A[i, j] makes a Python object; float() also keeps uint8 from wrapping around at 255.
            total += float(A[i, j]) * float(x[j])
        product[i] = total
    return product


def matvec_broadcast(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """The product of A (n, m) and x (m,) without a loop: float64 of shape (n,).

    Raises ValueError, naming A or x, when its shape is not as said here.
    """
    _require_matrix(A)
    _require_vector("x", x, A.shape[1])
    # (n, m) * (m,): shapes are compared from the right, so x lies along each row. The cost is a table of all products.
    return np.asarray((_floats(A) * _floats(x)).sum(axis=1))  # (n,)


def add_to_rows(A: NDArray[Any], v: NDArray[Any]) -> Array:
    """A new (n, m) array: v (m,) added to each row of A. Raises ValueError, naming v, for another shape."""
    _require_matrix(A)
    _require_vector("v", v, A.shape[1])
    return _floats(A) + _floats(v)


def add_to_columns(A: NDArray[Any], u: NDArray[Any]) -> Array:
    """A new (n, m) array: u (n,) added to each column of A. Raises ValueError, naming u, for another shape."""
    _require_matrix(A)
    _require_vector("u", u, A.shape[0])
    # (n, 1) is stretched to the right. Without the new axis a square A would take u for a row, without an error.
    return _floats(A) + _floats(u)[:, np.newaxis]


def outer_sum(u: NDArray[Any], v: NDArray[Any]) -> Array:
    """All sums u[i] + v[j] as a table. Raises ValueError, naming u or v, when it is not a vector."""
    _require_vector("u", u)
    _require_vector("v", v)
    # (n, 1) + (m,) stretches both: (n, m).
    return _floats(u)[:, np.newaxis] + _floats(v)


def _floats(array: NDArray[Any]) -> Array:
    # Before any arithmetic: in uint8, 200 + 100 is 44. `astype` copies, so that the caller's array is never touched.
    return array.astype(np.float64)


def _require_matrix(A: NDArray[Any]) -> None:
    if A.ndim != 2:
        raise ValueError(f"A must be two-dimensional, got shape {A.shape}")


def _require_vector(name: str, vector: NDArray[Any], length: int | None = None) -> None:
    # Asked before any arithmetic: NumPy would stretch a vector of length 1 and say nothing.
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
    """Median seconds of each function for a square matrix and a vector of each size, drawn from `rng`.

    repeats: timed calls of each function, after one untimed. clock: gives seconds; read before and after each timed
    call. Returns name -> one figure for each size. Raises ValueError, naming repeats, when it is below 1.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for size in sizes:
        # The same numbers for all: a race in which each runs its own course says nothing.
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
    # One interrupted call drags a mean along; the median does not move.
    return statistics.median(times)


# np.dot hands the product to BLAS, which multiplies and adds in one instruction, several numbers at a time, and stores
# no table of products. Below some twenty numbers the call itself costs more than the work, and a plain loop is as good.
