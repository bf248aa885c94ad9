"""One example at a time, with outer products; the gradients of the rows are averaged."""

from typing import NamedTuple

import numpy as np


class Trace(NamedTuple):
    X: np.ndarray
    z1: np.ndarray
    a1: np.ndarray
    z2: np.ndarray
    a2: np.ndarray
    output: np.ndarray


def forward(params, X):
    z1 = np.array([params["W1"] @ x + params["b1"] for x in X])
    a1 = z1 * (z1 > 0)
    z2 = np.array([params["W2"] @ a + params["b2"] for a in a1])
    a2 = z2 * (z2 > 0)
    return Trace(X, z1, a1, z2, a2, np.array([params["W3"] @ a + params["b3"] for a in a2]))


def loss(output, T):
    if np.shape(output) != np.shape(T):
        raise ValueError(f"{np.shape(output)} and {np.shape(T)}")
    return sum(float((o - t) @ (o - t)) / 2 for o, t in zip(output, T, strict=True)) / len(T)


def backward(params, trace, T):
    if np.shape(trace.output) != np.shape(T):
        raise ValueError("T does not fit")
    total = {name: np.zeros_like(value) for name, value in params.items()}
    for x, z1, a1, z2, a2, output, t in zip(*trace, T, strict=True):
        d3 = output - t
        d2 = (params["W3"].T @ d3) * (z2 > 0)
        d1 = (params["W2"].T @ d2) * (z1 > 0)
        for k, back, into in ((1, d1, x), (2, d2, a1), (3, d3, a2)):
            total[f"W{k}"] += np.outer(back, into) / len(T)
            total[f"b{k}"] += back / len(T)
    return total


def numerical(params, X, T, h=1e-5):
    def at(name, place, move):
        changed = dict(params)
        changed[name] = params[name] + 0.0
        changed[name][place] += move
        return loss(forward(changed, X).output, T)

    return {
        name: np.array([(at(name, p, h) - at(name, p, -h)) / (2 * h) for p in np.ndindex(v.shape)]).reshape(v.shape)
        for name, v in params.items()
    }
