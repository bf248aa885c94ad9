"""Slope, descent, and the learning rate above which descent runs away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Path:
    """Where a descent went, and how it ended.

    xs, ys: (m + 1,) the points and f at them, the start first. outcome: "converged", "diverged" or "out of steps".
    """

    xs: Array
    ys: Array
    outcome: str

    @property
    def n_steps(self) -> int:
        return len(self.xs) - 1


@overload
def derivative(f: Function, x: float, h: float = 1e-5) -> float: ...
@overload
def derivative(f: Function, x: Array, h: float = 1e-5) -> Array: ...
def derivative(f: Function, x: Any, h: float = 1e-5) -> Any:
    """Return the slope of f at x, by the central difference with the step h · max(1, |x|).

    x: a number, or an array of any shape, left as it was.
    """
    # Integers become floats here: uint8 would wrap around at x - s.
    at = np.asarray(x, dtype=np.float64)
    # Near 1e8 two doubles are 1e-8 apart, so a step of 1e-5 would be mostly rounding: it grows with x.
    step = h * np.maximum(1.0, np.abs(at))
    # To both sides the errors of order s cancel and s² is left. A smaller h is not better: below about 1e-5 rounding
    # (1e-16 / h) outgrows what the formula gains, and at 1e-16 x + s is x itself.
    slope = (f(at + step) - f(at - step)) / (2 * step)
    return float(slope) if at.ndim == 0 else np.asarray(slope, dtype=np.float64)


def descend(
    f: Function,
    start: float,
    learning_rate: float,
    max_steps: int = 1000,
    tolerance: float = 1e-6,
    limit: float = 1e9,
) -> Path:
    """Walk downhill from `start`, and return where the walk went and how it ended."""
    xs = [float(start)]
    ys = [float(f(xs[0]))]
    while not (outcome := _outcome(f, xs[-1], ys[-1], len(xs) > max_steps, tolerance, limit)):
        # Minus: the derivative points uphill.
        xs.append(xs[-1] - learning_rate * derivative(f, xs[-1]))
        ys.append(float(f(xs[-1])))
    return Path(np.array(xs), np.array(ys), outcome)


def _outcome(f: Function, x: float, y: float, is_last: bool, tolerance: float, limit: float) -> str:
    """Return how the walk ends at this point, "" when it goes on."""
    # Asked first: where f is infinite, the slope is NaN, which is neither small nor large.
    if abs(x) > limit or not math.isfinite(y):
        return "diverged"
    if abs(derivative(f, x)) <= tolerance:
        return "converged"
    return "out of steps" if is_last else ""


def rate_limit(f: Function, x: float) -> float:
    """Return the learning rate above which descent on f near x diverges: 2 / f''(x), or inf."""
    # On a·x² one step multiplies the distance to the minimum by 1 - rate · f''. It shrinks while that is between -1
    # and 1, which is rate < 2 / f''. The larger h, for both slopes, keeps a difference of differences above rounding.
    bend = derivative(lambda at: derivative(f, at, 1e-3), x, 1e-3)
    return 2 / bend if bend >= 1e-6 else math.inf


def draw_descent(f: Function, path: Path) -> Figure:
    """Draw f as a curve, and the path on it."""
    figure = Figure()
    axes = figure.add_subplot()
    low, high = path.xs.min(), path.xs.max()
    margin = max(1.0, 0.1 * (high - low))
    curve = np.linspace(low - margin, high + margin, 400)
    axes.plot(curve, f(curve), color="tab:blue", label="f")
    axes.plot(path.xs, path.ys, color="tab:red", marker="o", markersize=4, label="path")
    axes.set(xlabel="x", ylabel="f(x)", title=f"{path.outcome} after {path.n_steps} steps")
    axes.legend()
    return figure


def draw_duel(f: Function, start: float, rates: Sequence[float], max_steps: int = 30) -> Figure:
    """Draw how the size of the slope changes, step by step, for each learning rate."""
    figure = Figure()
    axes = figure.add_subplot()
    for rate in rates:
        path = descend(f, start, rate, max_steps=max_steps)
        slopes = np.abs(derivative(f, path.xs))
        axes.plot(np.arange(len(slopes)), slopes, marker=".", label=f"rate {rate:g}: {path.outcome}")
    # Each step multiplies the slope by one factor, which is a straight line on a logarithmic axis.
    axes.set(yscale="log", xlabel="step", ylabel="slope |f'(x)|")
    axes.legend()
    return figure


# Libraries do not measure slopes: PyTorch and JAX derive the exact gradient from the program itself (reverse mode), at
# the cost of a few calls of f however many inputs it has. The central difference is kept for checking it
# (torch.autograd.gradcheck). And optimisers such as Adam give each parameter a rate of its own from its past slopes.
