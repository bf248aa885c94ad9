"""The task in few lines, without annotations; most mistakes of this kata are edits of it."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Path:
    xs: np.ndarray
    ys: np.ndarray
    outcome: str

    @property
    def n_steps(self):
        return len(self.xs) - 1


def derivative(f, x, h=1e-5):
    at = np.asarray(x, dtype=float)
    step = h * np.maximum(1, np.abs(at))
    slope = (f(at + step) - f(at - step)) / (2 * step)
    return float(slope) if at.ndim == 0 else slope


def descend(f, start, learning_rate, max_steps=1000, tolerance=1e-6, limit=1e9):
    x = float(start)
    xs = [x]
    ys = [float(f(x))]
    while True:
        if abs(x) > limit or not math.isfinite(ys[-1]):
            outcome = "diverged"
            break
        slope = derivative(f, x)
        if abs(slope) <= tolerance:
            outcome = "converged"
            break
        if len(xs) - 1 >= max_steps:
            outcome = "out of steps"
            break
        x = x - learning_rate * slope
        xs.append(x)
        ys.append(float(f(x)))
    return Path(np.array(xs), np.array(ys), outcome)


def rate_limit(f, x):
    def slope(at):
        return derivative(f, at, h=1e-3)

    bend = derivative(slope, x, h=1e-3)
    if bend < 1e-6:
        return math.inf
    return 2 / bend


def draw_descent(f, path):
    figure = Figure()
    axes = figure.add_subplot()
    curve = np.linspace(path.xs.min() - 1, path.xs.max() + 1, 200)
    axes.plot(curve, f(curve), label="f")
    axes.plot(path.xs, path.ys, "o-", label="path")
    axes.set_title(f"{path.outcome}, {path.n_steps} steps")
    axes.legend()
    return figure


def draw_duel(f, start, rates, max_steps=30):
    figure = Figure()
    axes = figure.add_subplot()
    for rate in rates:
        path = descend(f, start, rate, max_steps=max_steps)
        slopes = np.abs(derivative(f, path.xs))
        axes.plot(range(len(slopes)), slopes, label=f"{rate:g} {path.outcome}")
    axes.set_yscale("log")
    axes.legend()
    return figure
