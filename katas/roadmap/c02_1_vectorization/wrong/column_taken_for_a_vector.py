"""`add_to_columns` asks for the length of u only, so that a column of shape (n, 1) is taken though it is no vector."""

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
    _check_product(A, x)
    n, m = A.shape
    result = np.zeros(n)
    for i in range(n):
        total = 0.0
        for j in range(m):
            total += float(A[i, j]) * float(x[j])
        result[i] = total
    return result


def matvec_broadcast(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """The product of A (n, m) and x (m,) without a loop: float64 of shape (n,).

    Raises ValueError, naming A or x, when its shape is not as said here.
    """
    _check_product(A, x)
    return (A.astype(np.float64) * x.astype(np.float64)).sum(axis=1)


def _check_product(A: NDArray[Any], x: NDArray[Any]) -> None:
    if A.ndim != 2:
        raise ValueError(f"A must be two-dimensional, got shape {A.shape}")
    if x.shape != (A.shape[1],):
        raise ValueError(f"x must have shape {(A.shape[1],)}, got {x.shape}")


def add_to_rows(A: NDArray[Any], v: NDArray[Any]) -> Array:
    """A new (n, m) array: v (m,) added to each row of A. Raises ValueError, naming v, for another shape."""
    v = np.asarray(v)
    if v.shape != (A.shape[1],):
        raise ValueError(f"v must have shape {(A.shape[1],)}, got {v.shape}")
    return A.astype(np.float64) + v.astype(np.float64)


def add_to_columns(A: NDArray[Any], u: NDArray[Any]) -> Array:
    """A new (n, m) array: u (n,) added to each column of A. Raises ValueError, naming u, for another shape."""
    u = np.asarray(u)
    if u.ndim == 0 or len(u) != A.shape[0]:
        raise ValueError(f"u must have shape {(A.shape[0],)}, got {u.shape}")
    return A.astype(np.float64) + u.astype(np.float64).reshape(-1, 1)


def outer_sum(u: NDArray[Any], v: NDArray[Any]) -> Array:
    """All sums u[i] + v[j] as a table. Raises ValueError, naming u or v, when it is not a vector."""
    u, v = np.asarray(u), np.asarray(v)
    if u.ndim != 1:
        raise ValueError(f"u must be a vector, got shape {u.shape}")
    if v.ndim != 1:
        raise ValueError(f"v must be a vector, got shape {v.shape}")
    return u.astype(np.float64)[:, None] + v.astype(np.float64)


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
        raise ValueError(f"repeats must be 1 or more, got {repeats}")
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for size in sizes:
        A = rng.normal(size=(size, size))
        x = rng.normal(size=size)
        for name, function in functions.items():
            function(A, x)
            times = []
            for _ in range(repeats):
                start = clock()
                function(A, x)
                times.append(clock() - start)
            seconds[name].append(statistics.median(times))
    return seconds
