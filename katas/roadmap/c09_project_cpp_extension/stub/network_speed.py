"""Where the time of the network goes, and what a product in C++ changes about it."""

from __future__ import annotations

import cProfile
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import backprop
import fast_dense
import numpy as np
from backprop import Params, Trace
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Row(NamedTuple):
    """A function in a profile: how often it was called, and its own seconds."""

    name: str
    calls: int
    seconds: float


def profile(call: Callable[[], Any]) -> list[Row]:
    """Run call() once and return a Row for each function that ran, the one of most own seconds first."""
    raise NotImplementedError


def forward(params: Params, X: Array, product: Callable[[Array, Array], Array] = fast_dense.product) -> Trace:
    """Send the rows of X, (n, n_in), through all three layers, each x @ w.T by `product`; a Trace as of backprop."""
    raise NotImplementedError


def race(params: Params, X: Array, rounds: int = 5, clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """Least seconds of backprop.forward ("numpy") and of forward ("cpp"), which take turns."""
    raise NotImplementedError


def table(times: Mapping[int, Mapping[str, float]]) -> str:
    """Text with a line for each number of rows: milliseconds of both, and NumPy's time divided by that of C++."""
    raise NotImplementedError
