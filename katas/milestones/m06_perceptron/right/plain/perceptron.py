"""Loops where they are plain, Axes of pyplot, the line cut out of the box by hand."""

import math

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402


class Layer:
    def __init__(self, W, b):
        self.W = np.array(W, dtype=float)
        self.b = np.array(b, dtype=float)
        self.d_W = np.zeros_like(self.W)
        self.d_b = np.zeros_like(self.b)

    def forward(self, X):
        self.seen = np.array(X, dtype=float)
        return np.array([[w @ x + c for w, c in zip(self.W, self.b, strict=True)] for x in self.seen])

    def backward(self, d_Z):
        self.d_W[:] = 0
        self.d_b[:] = 0
        d_X = np.zeros_like(self.seen)
        for i, x in enumerate(self.seen):
            for j, d in enumerate(d_Z[i]):
                self.d_W[j] += d * x
                self.d_b[j] += d
                d_X[i] += d * self.W[j]
        return d_X

    def step(self, learning_rate):
        self.W -= learning_rate * self.d_W
        self.b -= learning_rate * self.d_b


def loss_and_slope(Z, Y):
    total, d_Z = 0.0, np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        z, y = float(Z[place]), int(Y[place])
        e = math.exp(-abs(z))
        total += max(z, 0.0) - z * y + math.log1p(e)
        d_Z[place] = ((1 if z >= 0 else e) / (1 + e) - y) / len(Z)
    return total / len(Z), d_Z


def train(X, Y, learning_rate=1.0, max_steps=2000):
    layer = Layer(np.zeros((Y.shape[1], X.shape[1])), np.zeros(Y.shape[1]))
    losses = []
    signs = 2.0 * Y - 1
    for step in range(max_steps + 1):
        Z = X @ layer.W.T + layer.b
        a = np.exp(-np.logaddexp(0, -Z))
        losses.append(float(np.logaddexp(0, -signs * Z).sum(axis=1).mean()))
        if np.all(signs * Z > 0) or step == max_steps:
            break
        layer.forward(X)
        layer.backward((a - Y) / len(X))
        layer.step(learning_rate)
    return layer, losses


def margins(layer, X, Y):
    found = []
    for w, b, y in zip(layer.W, layer.b, Y.T, strict=True):
        found.append(min((1 if t else -1) * (w @ x + b) / math.hypot(*w) for x, t in zip(X, y, strict=True)))
    return np.array(found)


def draw_boundary(layer, X, Y):
    figure, all_axes = plt.subplots(len(layer.W), squeeze=False)
    plt.close(figure)
    (x0, y0), (x1, y1) = X.min(axis=0), X.max(axis=0)
    wide, high = (x1 - x0) / 4, (y1 - y0) / 4
    for axes, w, b, y in zip(all_axes.flat, layer.W, layer.b, Y.T, strict=True):
        axes.scatter(*X[y == 1].T, marker="+", label="1")
        axes.scatter(*X[y == 0].T, marker="_", label="0")
        if abs(w[1]) > abs(w[0]):
            xs = np.linspace(x0 - wide, x1 + wide, 50)
            ys = -(w[0] * xs + b) / w[1]
        else:
            ys = np.linspace(y0 - high, y1 + high, 50)
            xs = -(w[1] * ys + b) / w[0]
        axes.plot(xs, ys, label="boundary")
        axes.set_xlim(x0 - wide, x1 + wide)
        axes.set_ylim(y0 - high, y1 + high)
        axes.legend()
    return figure
