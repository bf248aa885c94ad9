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
    raise NotImplementedError


def matvec_broadcast(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """The product of A (n, m) and x (m,) without a loop: float64 of shape (n,).

    Raises ValueError, naming A or x, when its shape is not as said here.
    """
    raise NotImplementedError


def add_to_rows(A: NDArray[Any], v: NDArray[Any]) -> Array:
    """A new (n, m) array: v (m,) added to each row of A. Raises ValueError, naming v, for another shape."""
    raise NotImplementedError


def add_to_columns(A: NDArray[Any], u: NDArray[Any]) -> Array:
    """A new (n, m) array: u (n,) added to each column of A. Raises ValueError, naming u, for another shape."""
    raise NotImplementedError


def outer_sum(u: NDArray[Any], v: NDArray[Any]) -> Array:
    """All sums u[i] + v[j] as a table. Raises ValueError, naming u or v, when it is not a vector."""
    raise NotImplementedError


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
    raise NotImplementedError
