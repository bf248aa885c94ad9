"""Stop training when a value no longer improves, and go back to the best weights."""

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
        raise NotImplementedError

    def update(self, value: float, weights: Weights) -> bool:
        """Look at the value of an epoch, keep a copy of the weights if it improves; return whether to stop."""
        raise NotImplementedError

    def restore(self, weights: Weights) -> None:
        """Write the weights of the latest improvement into these arrays; without any, leave them as they are."""
        raise NotImplementedError
