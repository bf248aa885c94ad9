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
    raise NotImplementedError


def matvec_broadcast(A: NDArray[Any], x: NDArray[Any]) -> Array:
    """Return A (n, m) times x (m,) without a loop: (n,) float64. Raises ValueError for another shape of x."""
    raise NotImplementedError


def add_to_rows(A: NDArray[Any], v: NDArray[Any]) -> Array:
    """Return v (m,) added to each row of A: (n, m) float64. Raises ValueError for another shape of v."""
    raise NotImplementedError


def add_to_columns(A: NDArray[Any], u: NDArray[Any]) -> Array:
    """Return u (n,) added to each column of A: (n, m) float64. Raises ValueError for another shape of u."""
    raise NotImplementedError


def outer_sum(u: NDArray[Any], v: NDArray[Any]) -> Array:
    """Return all sums u[i] + v[j]: (n, m) float64. Raises ValueError for a u or v that is not a vector."""
    raise NotImplementedError


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
    raise NotImplementedError
