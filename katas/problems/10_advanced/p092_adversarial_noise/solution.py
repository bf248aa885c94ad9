"""Noise that fools a softmax regression: the fast gradient sign method, and random noise of the same size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def input_gradient(w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """The derivative of each image's loss, -log p[y] with p = softmax(x @ w + b), by its own pixels.

    w: (d, k), b: (k,), x: (n, d), y: (n,) integers from 0 to k - 1. Returns (n, d).
    """
    logits = x @ w + b  # (n, k)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))  # minus the largest: nothing overflows
    p /= p.sum(axis=1, keepdims=True)
    # The loss changes with the logits by p, less 1 for the true class; the logits change with x by w.
    p[np.arange(len(y)), y] -= 1.0
    return np.asarray(p @ w.T, dtype=np.float64)  # (n, k) @ (k, d) -> (n, d)


def fgsm(w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any], epsilon: float) -> NDArray[np.float64]:
    """The images x, (n, d), each pixel moved by epsilon so that the loss grows, within 0 to 1.

    Raises ValueError for a negative epsilon.
    """
    return _moved(x, epsilon, np.sign(input_gradient(w, b, x, y)))  # up the gradient: the loss is to grow


def noise(x: NDArray[Any], epsilon: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The images x, (n, d), each pixel moved up or down by epsilon at random, within 0 to 1.

    Raises ValueError for a negative epsilon.
    """
    return _moved(x, epsilon, rng.choice([-1.0, 1.0], size=x.shape))


def _moved(x: NDArray[Any], epsilon: float, direction: NDArray[np.float64]) -> NDArray[np.float64]:
    if epsilon < 0:
        raise ValueError(f"epsilon must not be negative, got {epsilon}")
    return np.clip(x + epsilon * direction, 0.0, 1.0)


# Stronger attacks take many small steps of this kind, and go back into the epsilon box after each (PGD).
