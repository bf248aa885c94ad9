"""A network of two layers: forward, backward, and training."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Params = dict[str, Array]  # W1 (n_hidden, n_in), b1 (n_hidden,), W2 (n_out, n_hidden), b2 (n_out,)


def init(n_in: int, n_hidden: int, n_out: int, rng: np.random.Generator) -> Params:
    """Draw weights with mean 0 and variance 2 / fan_in, normally distributed; biases are zero."""
    raise NotImplementedError


def forward(params: Params, X: NDArray[Any]) -> Array:
    """Return the logits (n, n_out) of the rows of X (n, n_in)."""
    raise NotImplementedError


def loss_and_gradients(params: Params, X: NDArray[Any], y: NDArray[np.integer[Any]]) -> tuple[float, Params]:
    """Return the mean cross-entropy of the rows, and its derivatives by the names of `params`.

    y: (n,) labels. Raises ValueError for a label below 0 or not below n_out.
    """
    raise NotImplementedError


def predict(params: Params, X: NDArray[Any]) -> NDArray[np.intp]:
    """Return the class with the largest logit of each row, on a tie the lowest."""
    raise NotImplementedError


def train(
    X: NDArray[Any],
    y: NDArray[np.integer[Any]],
    n_hidden: int = 64,
    n_epochs: int = 12,
    batch_size: int = 16,
    learning_rate: float = 0.2,
    seed: int = 0,
) -> Params:
    """Return new parameters, trained on X and y by mini-batches; all randomness comes from `seed`."""
    raise NotImplementedError
