"""One layer of neurons that learns by backpropagation, and the lines that it draws between the classes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Layer:
    """k neurons with d inputs each: W is (k, d), b is (k,); after `backward`, d_W and d_b are their derivatives."""

    def __init__(self, W: Array, b: Array) -> None:
        # Copies: training must not reach into the caller's arrays.
        self.W, self.b = W.copy(), b.copy()

    def forward(self, X: Array) -> Array:
        """Return the scores Z = X · Wᵀ + b, (n, k), of the rows of X, (n, d)."""
        self._X = X  # the way back needs what went in
        return X @ self.W.T + self.b  # (n, k)

    def backward(self, d_Z: Array) -> Array:
        """Return d_X, (n, d), and leave d_W and d_b, for the derivatives d_Z, (n, k), of a loss by the scores."""
        # To a weight: what came back at its end, times what went in at its beginning, added up over the rows.
        self.d_W = d_Z.T @ self._X  # (k, d)
        self.d_b = d_Z.sum(axis=0)  # (k,)
        # To an input: a sum over the neurons that it feeds. A layer before this one would go on from here.
        return d_Z @ self.W  # (n, d)

    def step(self, learning_rate: float) -> None:
        """Move W and b against d_W and d_b."""
        self.W = self.W - learning_rate * self.d_W
        self.b = self.b - learning_rate * self.d_b


def loss_and_slope(Z: Array, Y: Array) -> tuple[float, Array]:
    """Return the cross-entropy of sigmoid(Z) and Y, both (n, k), and its derivative by Z, (n, k).

    It is summed over the neurons; the loss is the mean over the rows.
    """
    # -ln of the probability of the right answer is ln(1 + e^-z) for 1 and ln(1 + e^z) for 0.
    loss = np.logaddexp(0.0, np.where(Y == 1, -Z, Z)).sum() / len(Z)
    # tanh saturates without overflow, and is a sigmoid in other units.
    A = 0.5 * (1 + np.tanh(Z / 2))  # (n, k)
    # The loss by a is (a - y) / (a (1 - a)), and a by z is a (1 - a): what would vanish and what would explode cancel.
    return float(loss), (A - Y) / len(Z)


def train(X: Array, Y: Array, learning_rate: float = 1.0, max_steps: int = 2000) -> tuple[Layer, list[float]]:
    """Return a layer that separates the rows of X, (n, d), by Y, (n, k) of 0 and 1, or what max_steps steps have made.

    The losses are those before each step, and the last one.
    """
    # Zeros are no obstacle in a single layer: d_W is made of X. Two layers of zeros would never move.
    layer = Layer(np.zeros((Y.shape[1], X.shape[1])), np.zeros(Y.shape[1]))
    losses: list[float] = []
    while True:
        Z = layer.forward(X)
        loss, d_Z = loss_and_slope(Z, Y)
        losses.append(loss)
        # A score of 0 lies on the line, on neither side.
        if np.where(Y == 1, Z > 0, Z < 0).all() or len(losses) > max_steps:
            return layer, losses
        layer.backward(d_Z)
        layer.step(learning_rate)


def margins(layer: Layer, X: Array, Y: Array) -> Array:
    """Return for each neuron the least distance of a row from its line, negative on the wrong side: (k,)."""
    # w · x + b grows by |w| for each unit of length across the line.
    distances = (X @ layer.W.T + layer.b) / np.linalg.norm(layer.W, axis=1)  # (n, k)
    least: Array = np.where(Y == 1, distances, -distances).min(axis=0)
    return least


def draw_boundary(layer: Layer, X: Array, Y: Array) -> Figure:
    """Draw the rows of X, (n, 2), and the line of each neuron, each in axes of its own."""
    low, high = X.min(axis=0), X.max(axis=0)
    room = (high - low) / 10
    figure = Figure(figsize=(4.5 * len(layer.W), 4), layout="constrained")
    for i, axes in enumerate(figure.subplots(1, len(layer.W), squeeze=False)[0]):
        w, b = layer.W[i], layer.b[i]
        for label in (0, 1):
            rows = X[Y[:, i] == label]
            axes.scatter(rows[:, 0], rows[:, 1], label=str(label))
        # From the point of the line that is nearest to the middle, along the line to both sides. Solving for the
        # second coordinate instead would divide by w[1], which is 0 where the line is vertical.
        middle = (low + high) / 2
        nearest = middle - (w @ middle + b) / (w @ w) * w
        along = np.array([-w[1], w[0]]) / np.linalg.norm(w) * np.linalg.norm(high - low) * 2
        ends = np.array([nearest - along, nearest + along])  # (2, 2)
        axes.plot(ends[:, 0], ends[:, 1], color="black", label="boundary")
        axes.set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))
        axes.set(xlabel="x1", ylabel="x2", title=f"neuron {i}")
        axes.legend()
    return figure


# Rosenblatt's perceptron of 1958 had no sigmoid and no slope: it added a misread row to the weights, or subtracted it.
# Where a line exists that rule finds one, too. What made deeper networks possible is the slope, which can be handed on:
# `backward` returns it. Of all lines that separate, a support vector machine finds the one of the largest margin; so
# does this descent, if it goes on for ever, at a pace of 1 / ln(steps).
