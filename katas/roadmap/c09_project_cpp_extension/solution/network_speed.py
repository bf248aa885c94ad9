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
    profiler = cProfile.Profile()
    profiler.runcall(call)
    rows = []
    for entry in profiler.getstats():
        # What is written in C has no code object, only a text.
        name = entry.code if isinstance(entry.code, str) else entry.code.co_name
        # inlinetime, not totaltime: the outermost function would always come first, and say nothing.
        rows.append(Row(name, entry.callcount, entry.inlinetime))
    return sorted(rows, key=lambda row: -row.seconds)


def forward(params: Params, X: Array, product: Callable[[Array, Array], Array] = fast_dense.product) -> Trace:
    """Send the rows of X, (n, n_in), through all three layers, each x @ w.T by `product`; a Trace as of backprop."""
    z1 = product(X, params["W1"]) + params["b1"]  # (n, n_1)
    a1 = np.maximum(z1, 0.0)
    z2 = product(a1, params["W2"]) + params["b2"]  # (n, n_2)
    a2 = np.maximum(z2, 0.0)
    output = product(a2, params["W3"]) + params["b3"]  # (n, n_out)
    return Trace(X, z1, a1, z2, a2, output)


def race(params: Params, X: Array, rounds: int = 5, clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """Least seconds of backprop.forward ("numpy") and of forward ("cpp"), which take turns."""
    runners: dict[str, Callable[[], Trace]] = {
        "numpy": lambda: backprop.forward(params, X),
        "cpp": lambda: forward(params, X),
    }
    best = dict.fromkeys(runners, float("inf"))
    for _ in range(rounds):
        # In turns, so that a slow moment of the machine hits both; the least, as others can only slow a call down.
        for name, run in runners.items():
            start = clock()
            run()
            best[name] = min(best[name], clock() - start)
    return best


def table(times: Mapping[int, Mapping[str, float]]) -> str:
    """Text with a line for each number of rows: milliseconds of both, and NumPy's time divided by that of C++."""
    lines = [f"{'rows':>6}  {'numpy':>9}  {'cpp':>9}  {'ratio':>6}"]
    for rows, seconds in times.items():
        numpy, cpp = seconds["numpy"], seconds["cpp"]
        word = "faster" if cpp < numpy else "slower" if cpp > numpy else "equal"
        lines.append(f"{rows:>6}  {1000 * numpy:>9.3f}  {1000 * cpp:>9.3f}  {numpy / cpp:>6.2f}  {word}")
    return "\n".join(lines)


# What BLAS does besides: it works on tiles that stay in the cache, on four or eight numbers at a time, on several sums
# side by side, and on several cores. To see into NumPy's own product, `perf record` looks below Python.
