"""Stop training when a value no longer improves, and go back to the best weights."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.floating[Any]]]


class EarlyStopping:
    """Watches one value per epoch; `best` and `best_epoch` are those of the latest improvement.

    patience: after how many values in a row without improvement to stop. min_delta: an improvement is larger than this.
    mode: "min" or "max", which values are better.
    Raises ValueError for a patience below 1, a min_delta below 0 or NaN, and another mode.
    """

    best: float
    best_epoch: int | None

    def __init__(self, patience: int, min_delta: float = 0.0, mode: str = "min") -> None:
        if patience < 1:
            raise ValueError(f"patience must be at least 1, got {patience}")
        if not min_delta >= 0:  # in this form NaN is refused too
            raise ValueError(f"min_delta must be at least 0, got {min_delta}")
        if mode not in ("min", "max"):
            raise ValueError(f'mode must be "min" or "max", got {mode!r}')
        self.patience, self.min_delta, self.mode = patience, min_delta, mode
        # The worst value there is: any number is an improvement on it, without a case of its own for the first epoch.
        self.best = math.inf if mode == "min" else -math.inf
        self.best_epoch = None
        self._best_weights: Weights = {}
        self._epoch = 0
        self._n_waited = 0

    def update(self, value: float, weights: Weights) -> bool:
        """Look at the value of an epoch, keep a copy of the weights if it improves; return whether to stop."""
        if self._improves(value):
            self.best, self.best_epoch = value, self._epoch
            # The arrays are copied, not only the dict: training goes on to change them in place.
            self._best_weights = {name: array.copy() for name, array in weights.items()}
            self._n_waited = 0
        else:
            self._n_waited += 1
        self._epoch += 1
        return self._n_waited >= self.patience

    def restore(self, weights: Weights) -> None:
        """Write the weights of the latest improvement into these arrays; without any, leave them as they are."""
        for name, array in self._best_weights.items():
            # Into the array: model and optimizer hold it, and would not notice a new one in the dict.
            weights[name][...] = array

    def _improves(self, value: float) -> bool:
        # Asked in this direction, NaN needs no question of its own: every comparison with it is False.
        if self.mode == "min":
            return bool(value < self.best - self.min_delta)
        return bool(value > self.best + self.min_delta)


# Keras and Lightning do the same as a callback: Keras can wait some epochs before it begins to watch
# (start_from_epoch), and Lightning can stop at once when a value is not finite (check_finite) or good enough
# (stopping_threshold). For large models the best weights go to a file after each improvement, not into memory.
