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
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    # One permutation cut into pieces: each row is in exactly one of them. Drawing every batch on its own would show
    # some rows twice and others never.
    order = rng.permutation(n)
    # A slice that runs past the end is simply shorter, so the last batch needs no case of its own.
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def decayed(learning_rate: float, decay: float, epoch: int) -> float:
    """The rate of an epoch, counted from 0: learning_rate / (1 + decay * epoch)."""
    return learning_rate / (1 + decay * epoch)


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
    # Row numbers cut from X would fit a longer y just as well, and train on the wrong answers.
    if len(y) != len(X):
        raise ValueError(f"y has {len(y)} rows, X has {len(X)}")
    weights = w.astype(np.float64)  # a copy, and floats: steps on integers would be cut off
    # One generator for the whole training: made anew in each epoch, it would repeat the same order.
    rng = np.random.default_rng(seed)
    for epoch in range(n_epochs):
        # A constant rate leaves the weights jumping about the minimum, as batches disagree; a falling one settles.
        rate = decayed(learning_rate, decay, epoch)
        for rows in batches(len(X), batch_size, rng):
            # Divided by the rows that are there, the step does not depend on how full the batch is.
            mean_gradient = sum_gradient(weights, X[rows], y[rows]) / len(rows)
            weights = weights - rate * mean_gradient
    return weights


# PyTorch divides the work in the same way: a DataLoader (shuffle=True, drop_last=False) is `batches`, loaded by several
# processes; the loss averages over the batch, so its gradient is already divided; the optimiser takes the step, and a
# learning-rate scheduler is `decayed`. drop_last=True exists for layers such as batch norm, which fail on one row.
