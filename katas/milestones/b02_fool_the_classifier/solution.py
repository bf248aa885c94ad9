"""A classifier of digits, trained here, and the change of a few grey levels that fools it."""

from collections.abc import Sequence

import numpy as np
from adversarial import input_gradient, noise
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.integer]
Params = dict[str, Array]

WHITE = 16.0  # pixels go from 0 to here
BATCH_SIZE = 32


def train(X: Array, y: Labels, hidden: int = 32, epochs: int = 30, learning_rate: float = 0.2, seed: int = 0) -> Params:
    """Train a network with one hidden layer on images X, (n, d), pixels from 0 to 16, and labels y, (n,).

    Returns W1 (d, hidden), b1 (hidden,), W2 (hidden, k), b2 (k,), where k - 1 is the largest label.
    """
    rng = np.random.default_rng(seed)
    d, k = X.shape[1], int(y.max()) + 1
    params = {
        "W1": rng.normal(0.0, np.sqrt(2 / d), (d, hidden)),
        "b1": np.zeros(hidden),
        "W2": rng.normal(0.0, np.sqrt(2 / hidden), (hidden, k)),
        "b2": np.zeros(k),
    }
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            for name, gradient in _gradients(params, X[rows], y[rows]).items():
                params[name] -= learning_rate * gradient
    return params


def _gradients(params: Params, X: Array, y: Labels) -> Params:
    """The derivatives of the mean loss by the parameters."""
    h = _hidden(params, X)
    # With the identity for weights, the gradient of p092 by its input is that by the logits: p - t.
    k = len(params["b2"])
    error = input_gradient(np.eye(k), np.zeros(k), h @ params["W2"] + params["b2"], y) / len(X)  # (n, k)
    back = error @ params["W2"].T * (h > 0)  # (n, hidden)
    return {"W1": (X / WHITE).T @ back, "b1": back.sum(axis=0), "W2": h.T @ error, "b2": error.sum(axis=0)}


def _hidden(params: Params, X: Array) -> Array:
    return np.maximum(X / WHITE @ params["W1"] + params["b1"], 0.0)  # (n, hidden)


def predict(params: Params, X: Array) -> NDArray[np.intp]:
    """Return the class of the largest logit of each image, (n,); logits = relu(X / 16 @ W1 + b1) @ W2 + b2."""
    return np.asarray((_hidden(params, X) @ params["W2"] + params["b2"]).argmax(axis=1))


def pixel_gradient(params: Params, X: Array, y: Labels) -> Array:
    """Return the derivative of each image's own loss, -log p[y], by its own pixels, (n, d)."""
    h = _hidden(params, X)
    # For the last layer h is the input: p092 has that part. Then back through the ReLU, the weights, the scale.
    by_h = input_gradient(params["W2"], params["b2"], h, y)  # (n, hidden)
    return np.asarray((by_h * (h > 0)) @ params["W1"].T / WHITE)


def attack(params: Params, X: Array, y: Labels, epsilon: float) -> Array:
    """Return the images, each pixel moved by epsilon grey levels so that the loss grows, within 0 to 16.

    Raises ValueError for a negative epsilon.
    """
    if epsilon < 0:
        raise ValueError(f"epsilon must not be negative, got {epsilon}")
    return np.clip(X + epsilon * np.sign(pixel_gradient(params, X, y)), 0.0, WHITE)


def fooled(params: Params, X: Array, y: Labels, changed: Array) -> float:
    """Return the share of images that are misread after the change, of those that were read right before it.

    Raises ValueError where none was right before.
    """
    was_right = predict(params, X) == y  # what was misread already cannot be fooled any more
    if not was_right.any():
        raise ValueError("no image was read right before the change")
    return float(np.mean(predict(params, changed)[was_right] != y[was_right]))


def compare(
    params: Params, X: Array, y: Labels, epsilons: Sequence[float], seed: int = 0
) -> list[tuple[float, float, float]]:
    """Return (epsilon, share fooled by the attack, share fooled by random noise of the same size) for each epsilon."""
    rng = np.random.default_rng(seed)
    rows = []
    for epsilon in epsilons:
        noisy = WHITE * noise(X / WHITE, epsilon / WHITE, rng)  # p092 has pixels from 0 to 1
        by_attack = fooled(params, X, y, attack(params, X, y, epsilon))
        rows.append((float(epsilon), by_attack, fooled(params, X, y, noisy)))
    return rows


def draw_fooled(params: Params, X: Array, y: Labels, epsilon: float, n: int = 5) -> Figure:
    """Draw the first n images that the attack fools: before, the change, and after."""
    changed = attack(params, X, y, epsilon)
    before, after = predict(params, X), predict(params, changed)
    chosen = np.flatnonzero((before == y) & (after != y))[:n]
    side = int(np.sqrt(X.shape[1]))
    figure = Figure(figsize=(1.4 * max(len(chosen), 1), 4.5), layout="constrained")
    for column, i in enumerate(chosen):
        rows = (
            (X[i], f"{before[i]}", "gray", 0.0, WHITE),
            (changed[i] - X[i], "change", "coolwarm", -epsilon, epsilon),
            (changed[i], f"read as {after[i]}", "gray", 0.0, WHITE),
        )
        for row, (pixels, title, colours, low, high) in enumerate(rows):
            axes = figure.add_subplot(3, len(chosen), row * len(chosen) + column + 1)
            # Without limits each picture is stretched to its own range, and before and after cannot be compared.
            axes.imshow(pixels.reshape(side, side), cmap=colours, vmin=low, vmax=high)
            axes.set_title(title, fontsize="small")
            axes.set_axis_off()
    return figure


def draw_comparison(rows: Sequence[tuple[float, float, float]]) -> Figure:
    """Draw what `compare` returned: the share fooled over epsilon, a line for the attack and one for the noise."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    epsilons, by_attack, by_noise = zip(*rows, strict=True)
    axes.plot(epsilons, by_attack, marker="o", label="attack")
    axes.plot(epsilons, by_noise, marker="o", label="noise")
    axes.set(xlabel="epsilon (grey levels of 16)", ylabel="share fooled", ylim=(-0.02, 1.02))
    axes.legend()
    return figure


# The same step while training, on the attacked images, makes a network harder to fool (adversarial training). What
# fools one network often fools another: the attacker need not know yours.
