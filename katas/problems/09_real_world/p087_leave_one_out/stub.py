"""How much worse a model gets when a column is shuffled, and when it is trained without the column."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Metric = Callable[[Array, Array], float]


def permutation_importance(
    model: Any,
    X: Array,
    y: Array,
    metric: Metric,
    rng: np.random.Generator,
    n_repeats: int = 5,
    greater_is_better: bool = True,
) -> NDArray[np.float64]:
    """Return how much worse the fitted model gets when column j alone is shuffled, for each repeat: (d, n_repeats).

    X: (n, d), y: (n,), left unchanged. metric: takes y and the predictions.
    rng: each repeat of each column is a new permutation from it. Raises ValueError for n_repeats below 1.
    """
    raise NotImplementedError


def drop_column_importance(
    model: Any,
    X_train: Array,
    y_train: Array,
    X_test: Array,
    y_test: Array,
    metric: Metric,
    greater_is_better: bool = True,
) -> NDArray[np.float64]:
    """Return how much worse a clone of model is on the test data when it is trained without column j: (d,).

    model: never fitted itself. All tables are left unchanged.
    """
    raise NotImplementedError
