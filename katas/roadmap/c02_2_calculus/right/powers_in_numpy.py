"""Powers instead of Horner's scheme, a for loop instead of while, one pass for the best rate."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Descent:
    xs: list
    outcome: str


@dataclass
class Trial:
    rate: float
    outcome: str
    n_steps: int
    x: float


def evaluate(coefficients, x):
    with np.errstate(all="ignore"):
        points = np.array(x, dtype=np.float64)
        total = np.zeros_like(points)
        for power, c in enumerate(coefficients):
            if c:
                total = total + c * points**power
    return total


def derivative(coefficients):
    if len(coefficients) == 1:
        return np.zeros(1)
    return np.arange(1, len(coefficients)) * np.array(coefficients[1:])


def descend(coefficients, start, learning_rate, max_steps=1000, tolerance=1e-6, limit=1e9):
    if not np.isfinite(learning_rate) or learning_rate <= 0:
        raise ValueError("bad learning_rate")
    slopes, x, xs = derivative(coefficients), start, []
    for _ in range(max_steps + 1):
        xs.append(x)
        slope = evaluate(slopes, x)
        if not np.isfinite(x) or abs(x) > limit or not np.isfinite(slope):
            return Descent(xs, "diverges")
        if abs(slope) <= tolerance:
            return Descent(xs, "converges")
        x = x - learning_rate * slope
    return Descent(xs, "slow")


def compare_rates(coefficients, start, rates, max_steps=1000):
    runs = [(rate, descend(coefficients, start, rate, max_steps=max_steps)) for rate in rates]
    return [Trial(rate, run.outcome, len(run.xs) - 1, run.xs[-1]) for rate, run in runs]


def best_rate(trials):
    best = None
    for trial in trials:
        if trial.outcome == "converges" and (best is None or trial.n_steps < best.n_steps):
            best = trial
    return None if best is None else best.rate
