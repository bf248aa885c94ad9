"""The same with Welford's update, arrays, and pyplot."""

import math

import matplotlib.pyplot as plt
import numpy as np

ANSWERS = dict(
    ten_heads="B",
    smaller_error="c",
    normal_within_one="c",
    uniform_within_one="b",
    beyond_two="a",
    which_is_uniform="d",
    same_two_numbers="c",
)


def roll(n, rng, sides=6):
    if sides < 1:
        raise ValueError("sides")
    return 1 + np.floor(rng.random(n) * sides).astype(int)


def toss(n, rng, p=0.5):
    if p < 0 or p > 1:
        raise ValueError("p")
    return rng.choice([True, False], size=n, p=[p, 1 - p])


def shares(outcomes, values):
    outcomes = list(outcomes)
    if not outcomes:
        raise ValueError("no outcomes")
    return np.array([outcomes.count(v) / len(outcomes) for v in values], dtype=float)


def running_share(outcomes, value):
    if len(outcomes) == 0:
        raise ValueError("no outcomes")
    out, hits = [], 0
    for k, outcome in enumerate(outcomes, start=1):
        hits += bool(outcome == value)
        out.append(hits / k)
    return np.array(out)


def draw_convergence(outcomes, value, p):
    y = running_share(outcomes, value)
    fig, ax = plt.subplots()
    x = range(1, len(y) + 1)
    ax.semilogx(x, y, label="share")
    ax.plot([1, len(y)], [p, p], label="probability")
    ax.set_xlabel("trials")
    ax.set_ylabel("share")
    ax.legend()
    return fig


def _welford(xs):
    n, centre, squares = 0, 0.0, 0.0
    for x in xs:
        n += 1
        step = float(x) - centre
        centre += step / n
        squares += step * (float(x) - centre)
    if n == 0:
        raise ValueError("xs has no numbers")
    return n, centre, squares


def mean(xs):
    return _welford(xs)[1]


def variance(xs, ddof=0):
    n, _, squares = _welford(xs)
    if ddof < 0 or n - ddof <= 0:
        raise ValueError("ddof")
    return squares / (n - ddof)


def deviation(xs, ddof=0):
    return variance(xs, ddof) ** 0.5


def draw_samples(n, mean, std, rng):
    if not std > 0:
        raise ValueError("std")
    width = std * math.sqrt(12)
    return mean + std * rng.standard_normal(n), mean + width * (rng.random(n) - 0.5)


def draw_shapes(normal, uniform, mean, std, bins=40):
    fig, ax = plt.subplots()
    both = np.concatenate([normal, uniform])
    edges = np.linspace(both.min(), both.max(), bins + 1)
    ax.hist(normal, edges, density=True, label="normal sample", alpha=0.5)
    ax.hist(uniform, edges, density=True, label="uniform sample", alpha=0.5)
    xs = np.linspace(mean - 5 * std, mean + 5 * std, 401)
    ax.plot(
        xs,
        [math.exp(-0.5 * ((x - mean) / std) ** 2) / (std * (2 * math.pi) ** 0.5) for x in xs],
        label="normal density",
    )
    w = std * 12**0.5
    ax.plot(xs, [1 / w if mean - w / 2 < x < mean + w / 2 else 0 for x in xs], label="uniform density")
    ax.legend()
    return fig
