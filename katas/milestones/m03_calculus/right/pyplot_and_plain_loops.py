"""The same with plain Python numbers, pyplot and a for loop."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np


@dataclass
class Path:
    xs: np.ndarray
    ys: np.ndarray
    outcome: str

    @property
    def n_steps(self):
        return len(self.xs) - 1


def derivative(f, x, h=1e-5):
    if np.ndim(x) == 0:
        x = float(x)
        s = h * max(1.0, abs(x))
        return float((f(x + s) - f(x - s)) / (2 * s))
    x = np.array(x, dtype=float)
    flat = np.array([derivative(f, v, h) for v in x.ravel()], dtype=float)
    return flat.reshape(x.shape)


def descend(f, start, learning_rate, max_steps=1000, tolerance=1e-6, limit=1e9):
    xs = np.array([start], dtype=float)
    for step in range(max_steps + 1):
        x = xs[-1]
        if abs(x) > limit or not np.isfinite(x) or not np.isfinite(f(x)):
            outcome = "diverged"
            break
        slope = derivative(f, x)
        if abs(slope) <= tolerance:
            outcome = "converged"
            break
        if step == max_steps:
            outcome = "out of steps"
            break
        xs = np.append(xs, x - learning_rate * slope)
    return Path(xs, np.array([float(f(x)) for x in xs]), outcome)


def rate_limit(f, x):
    s = 1e-3 * max(1.0, abs(x))
    second = (f(x + s) - 2 * f(x) + f(x - s)) / s**2
    return float("inf") if second < 1e-6 else 2.0 / second


def draw_descent(f, path):
    fig, ax = plt.subplots()
    x = np.arange(path.xs.min() - 2, path.xs.max() + 2.01, 0.01)
    ax.plot(path.xs, path.ys, linestyle="--", marker="x", label="path")
    ax.plot(x, [f(v) for v in x], label="f")
    ax.set(xlabel="x", ylabel="f(x)")
    fig.suptitle(f"{path.n_steps} steps: {path.outcome}")
    ax.legend()
    plt.close(fig)
    return fig


def draw_duel(f, start, rates, max_steps=30):
    fig, ax = plt.subplots()
    for rate in rates:
        path = descend(f, start, rate, max_steps)
        ax.semilogy([abs(derivative(f, x)) for x in path.xs], label=f"{path.outcome} at {rate:g}")
    ax.set_xlabel("Steps")
    ax.set_ylabel("Size of the slope")
    ax.legend()
    plt.close(fig)
    return fig
