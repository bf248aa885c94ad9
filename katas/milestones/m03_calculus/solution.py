"""Slope, descent, and the border beyond which descent turns into flight."""

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
    """Where a descent went.

    xs, ys: (m + 1,) the points and f at them, the start first; outcome: "converged", "diverged" or "out of steps".
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
    """Measure the slope of f at x by the central difference with the step h · max(1, |x|).

    x: a number, or an array of any shape (left unchanged). Raises ValueError unless h is positive.
    """
    if not h > 0:  # "not h > 0" refuses NaN too
        raise ValueError(f"h must be positive, got {h}")
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
    """Walk downhill from `start`, and say how it ended.

    Raises ValueError when learning_rate is not positive or start is not finite.
    """
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be positive, got {learning_rate}")
    if not math.isfinite(start):
        raise ValueError(f"start must be a finite number, got {start}")
    x = float(start)
    xs, ys = [x], [float(f(x))]
    while not (outcome := _outcome(f, xs[-1], ys[-1], len(xs) - 1 >= max_steps, tolerance, limit)):
        # Minus: the derivative points uphill.
        x = x - learning_rate * derivative(f, x)
        xs.append(x)
        ys.append(float(f(x)))
    return Path(np.array(xs), np.array(ys), outcome)


def _outcome(f: Function, x: float, y: float, tired: bool, tolerance: float, limit: float) -> str:
    """Say how the walk ends at this point, "" when it goes on."""
    # Asked first: a slope at infinity is NaN, which is neither small nor large.
    if not math.isfinite(y) or not abs(x) <= limit:
        return "diverged"
    if abs(derivative(f, x)) <= tolerance:
        return "converged"
    return "out of steps" if tired else ""


def rate_limit(f: Function, x: float, h: float = 1e-3) -> float:
    """Estimate the learning rate above which descent on f near x diverges: 2 / f''(x), or inf."""
    # On a·x² one step multiplies the distance to the minimum by 1 - rate · f''. It shrinks while that is between -1
    # and 1, which is rate < 2 / f''.
    bend = float(f(x + h) - 2 * f(x) + f(x - h)) / h**2
    return 2 / bend if bend >= 1e-6 else math.inf


def draw_descent(f: Function, path: Path) -> Figure:
    """Draw f as a curve, and the path down it."""
    figure = Figure(layout="constrained")
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
    """Draw how the slope shrinks, or grows, step by step for each learning rate."""
    figure = Figure(layout="constrained")
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
