"""The gradient by one-hot labels and einsum, and signs from integers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def input_gradient(w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """The derivative of each image's loss by its own pixels."""
    logits = np.einsum("nd,dk->nk", x, w) + b
    highest = np.max(logits, axis=1)[:, None]
    log_p = logits - highest - np.log(np.exp(logits - highest).sum(axis=1))[:, None]
    gradient: NDArray[np.float64] = np.einsum("nk,dk->nd", np.exp(log_p) - np.eye(len(b))[y], w)
    return gradient


def fgsm(
    w: NDArray[Any], b: NDArray[Any], x: NDArray[Any], y: NDArray[Any], epsilon: float
) -> NDArray[np.float64]:
    """Each pixel moved so that the loss grows."""
    if not epsilon >= 0:
        raise ValueError("epsilon is negative")
    gradient = input_gradient(w, b, x, y)
    step = np.where(gradient > 0, epsilon, 0.0) - np.where(gradient < 0, epsilon, 0.0)
    moved: NDArray[np.float64] = np.minimum(np.maximum(x + step, 0.0), 1.0)
    return moved


def noise(x: NDArray[Any], epsilon: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Each pixel moved up or down."""
    if not epsilon >= 0:
        raise ValueError("epsilon is negative")
    moved: NDArray[np.float64] = np.clip(x + (2 * rng.integers(0, 2, x.shape) - 1) * epsilon, 0, 1)
    return moved
