"""Mini-batch gradient descent for any model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SumGradient = Callable[[Array, NDArray[Any], NDArray[Any]], Array]


def batches(n: int, batch_size: int, rng: np.random.Generator) -> Iterable[NDArray[np.intp]]:
    """One epoch: the rows 0 … n - 1 in a random order, cut into arrays of batch_size; the last may be shorter.

    Raises ValueError for a batch_size below 1.
    """
    raise NotImplementedError


def decayed(learning_rate: float, decay: float, epoch: int) -> float:
    """The rate of an epoch, counted from 0: learning_rate / (1 + decay * epoch)."""
    raise NotImplementedError


def sgd(
    sum_gradient: SumGradient,
    w: NDArray[Any],
    X: NDArray[Any],
    y: NDArray[Any],
    batch_size: int = 32,
    learning_rate: float = 0.1,
    decay: float = 0.0,
    n_epochs: int = 10,
    seed: int = 0,
) -> Array:
    """Weights after n_epochs passes of mini-batch descent from w: a new array of floats.

    sum_gradient: (w, X_batch, y_batch) -> the gradient summed over the batch, of the shape of w.
    X: (n, d); y: (n,); w, X, y and the gradients are left unchanged.
    Raises ValueError for a batch_size below 1, and when X and y differ in the number of rows.
    """
    raise NotImplementedError
