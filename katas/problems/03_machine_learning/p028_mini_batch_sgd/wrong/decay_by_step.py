"""The rate decays with every batch; it should be the same through an epoch."""

from __future__ import annotations
from collections.abc import Callable, Iterable
from typing import Any
import numpy as np
from numpy.typing import NDArray
Array = NDArray[np.float64]
SumGradient = Callable[[Array, NDArray[Any], NDArray[Any]], Array]

def batches(n: int, batch_size: int, rng: np.random.Generator) -> Iterable[NDArray[np.intp]]:
    if n < 1:
        raise ValueError(f'n must be at least 1, got {n}')
    if batch_size < 1:
        raise ValueError(f'batch_size must be at least 1, got {batch_size}')
    order = rng.permutation(n)
    return [order[start:start + batch_size] for start in range(0, n, batch_size)]

def decayed(learning_rate: float, decay: float, epoch: int) -> float:
    return learning_rate / (1 + decay * epoch)

def sgd(sum_gradient: SumGradient, w: NDArray[Any], X: NDArray[Any], y: NDArray[Any], batch_size: int=32, learning_rate: float=0.1, decay: float=0.0, n_epochs: int=10, seed: int=0) -> Array:
    _check(X, y, batch_size, learning_rate, decay, n_epochs)
    weights = w.astype(np.float64)
    rng = np.random.default_rng(seed)
    step = -1
    for epoch in range(n_epochs):
        rate = decayed(learning_rate, decay, epoch)
        for rows in batches(len(X), batch_size, rng):
            step += 1
            rate = decayed(learning_rate, decay, step)
            mean_gradient = sum_gradient(weights, X[rows], y[rows]) / len(rows)
            weights = weights - rate * mean_gradient
    return weights

def _check(X: NDArray[Any], y: NDArray[Any], batch_size: int, learning_rate: float, decay: float, n_epochs: int) -> None:
    if len(X) == 0:
        raise ValueError('X has no rows')
    if len(y) != len(X):
        raise ValueError(f'y has {len(y)} rows, X has {len(X)}')
    if batch_size < 1:
        raise ValueError(f'batch_size must be at least 1, got {batch_size}')
    if not learning_rate > 0:
        raise ValueError(f'learning_rate must be above 0, got {learning_rate}')
    if not decay >= 0:
        raise ValueError(f'decay must not be negative, got {decay}')
    if n_epochs < 0:
        raise ValueError(f'n_epochs must not be negative, got {n_epochs}')
