"""The same with Welford's update, plain lists, and pyplot."""

import matplotlib.pyplot as plt
import numpy as np

ANSWERS = dict(
    normal_within_one="C",
    uniform_within_one="b",
    beyond_two="a",
    which_is_uniform="d",
    same_two_numbers="c",
)


def roll(n, rng, sides=6):
    return 1 + np.floor(rng.random(n) * sides).astype(int)


def toss(n, rng, p=0.5):
    return rng.choice([True, False], size=n, p=[p, 1 - p])


def running_share(outcomes, value):
    out, hits = [], 0
    for k, outcome in enumerate(outcomes, start=1):
        hits += bool(outcome == value)
        out.append(hits / k)
    return out


def draw_convergence(outcomes, value, p):
    y = running_share(outcomes, value)
    fig, ax = plt.subplots()
    ax.semilogx(range(1, len(y) + 1), y, label="share")
    ax.hlines(p, 1, len(y), label="probability")
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
    if ddof >= n:
        raise ValueError("ddof")
    return squares / (n - ddof)


def deviation(xs, ddof=0):
    return variance(xs, ddof) ** 0.5


def draw_samples(n, mu, sigma, rng):
    width = sigma * np.sqrt(12)
    return mu + sigma * rng.standard_normal(n), mu + width * (rng.random(n) - 0.5)


def within(xs, k):
    centre, spread = mean(xs), deviation(xs)
    return len([x for x in xs if abs(float(x) - centre) <= k * spread]) / len(xs)


def draw_shapes(normal, uniform, bins=40):
    fig, ax = plt.subplots()
    ax.hist([normal, uniform], bins, density=True, label=["normal", "uniform"])
    ax.legend()
    return fig
