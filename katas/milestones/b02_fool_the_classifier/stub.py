"""A classifier of digits, trained here, and the change of a few grey levels that fools it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.integer]
Params = dict[str, Array]


def train(X: Array, y: Labels, hidden: int = 32, epochs: int = 30, learning_rate: float = 0.2, seed: int = 0) -> Params:
    """Train a network with one hidden layer on images X, (n, d), pixels from 0 to 16, and labels y, (n,).

    Returns W1 (d, hidden), b1 (hidden,), W2 (hidden, k), b2 (k,), where k - 1 is the largest label.
    """
    raise NotImplementedError


def predict(params: Params, X: Array) -> NDArray[np.intp]:
    """Return the class of the largest logit of each image, (n,); logits = relu(X / 16 @ W1 + b1) @ W2 + b2."""
    raise NotImplementedError


def pixel_gradient(params: Params, X: Array, y: Labels) -> Array:
    """Return the derivative of each image's own loss, -log p[y], by its own pixels, (n, d)."""
    raise NotImplementedError


def attack(params: Params, X: Array, y: Labels, epsilon: float) -> Array:
    """Return the images, each pixel moved by epsilon grey levels so that the loss grows, within 0 to 16.

    Raises ValueError for a negative epsilon.
    """
    raise NotImplementedError


def fooled(params: Params, X: Array, y: Labels, changed: Array) -> float:
    """Return the share of images that are misread after the change, of those that were read right before it.

    Raises ValueError where none was right before.
    """
    raise NotImplementedError


def compare(
    params: Params, X: Array, y: Labels, epsilons: Sequence[float], seed: int = 0
) -> list[tuple[float, float, float]]:
    """Return (epsilon, share fooled by the attack, share fooled by random noise of the same size) for each epsilon."""
    raise NotImplementedError


def draw_fooled(params: Params, X: Array, y: Labels, epsilon: float, n: int = 5) -> Figure:
    """Draw the first n images that the attack fools: before, the change, and after."""
    raise NotImplementedError


def draw_comparison(rows: Sequence[tuple[float, float, float]]) -> Figure:
    """Draw what `compare` returned: the share fooled over epsilon, a line for the attack and one for the noise."""
    raise NotImplementedError
