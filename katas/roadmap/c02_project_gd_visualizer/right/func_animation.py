"""FuncAnimation moves the artists of one pyplot figure; a PillowWriter writes the film."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from polynomials import descend, evaluate


def slope_error(coefficients, slopes, xs, h=1e-5):
    gaps = []
    for x in xs:
        measured = (evaluate(coefficients, x + h) - evaluate(coefficients, x - h)) / (2 * h)
        gaps.append(abs(evaluate(slopes, x) - measured))
    return max(gaps)


def _stage(coefficients, xs):
    ys = [evaluate(coefficients, x) for x in xs]
    figure, ax = plt.subplots()
    grid = np.linspace(min(xs) - 1, max(xs) + 1, 150)
    values = evaluate(coefficients, grid)
    ax.plot(grid, values, color="tab:orange", label="f")
    (path,) = ax.plot([], [], "g.--", label="path")
    (point,) = ax.plot([], [], marker="o", ms=9, color=(1, 0, 0), label="point", zorder=10)
    ax.set_xlim(min(xs) - 1, max(xs) + 1)
    ax.set_ylim(min(values) - 1, max(values) + 1)

    def show(step):
        path.set_data(xs[: step + 1], ys[: step + 1])
        point.set_data([xs[step]], [ys[step]])
        ax.set_title(f"descent, step {step}")
        return path, point

    return figure, show


def draw_frame(coefficients, xs, step):
    figure, show = _stage(coefficients, list(xs))
    show(step)
    plt.close(figure)
    return figure


def save_film(coefficients, xs, path, fps=5):
    figure, show = _stage(coefficients, list(xs))
    film = FuncAnimation(figure, show, frames=len(xs))
    film.save(path, writer=PillowWriter(fps=fps))
    plt.close(figure)


def film_descent(coefficients, start, learning_rate, path, max_steps=20, fps=5):
    walk = descend(coefficients, start, learning_rate, max_steps=max_steps)
    if walk.outcome == "diverges":
        raise ValueError("learning_rate is too large")
    save_film(coefficients, walk.xs, path, fps=fps)
    return walk
